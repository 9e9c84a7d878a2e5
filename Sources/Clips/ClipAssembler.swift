public import Media

/// Cuts a stream into clips of 24 motion fields and a key picture; docs/clips.md states the rule.
///
/// A pure state machine. Its owner calls, for every item of a stream in order: `receive` with the unit, then `handle` with each
/// picture that the decoder gives out for it. Before `loss`, `formatChange` and `end` the decoder is flushed and its last
/// pictures are handled. Nothing but `Clip.capture` depends on when things arrive.
///
/// It holds on to at most nine decoded pictures, four where no P-picture has a choice of references.
public struct ClipAssembler {
    /// The session that is under way. It goes up by one with each `ClipOutput.session`.
    public private(set) var session: Int
    /// Whether the decoder has to run the loop filter on non-key pictures, from the unit received last on: so when a group of
    /// pictures was longer than a clip, for then non-key pictures stand for clips.
    public private(set) var filtersNonKey = false

    private enum Mark {
        case loss(count: Int, cause: GapCause)
        case format(VideoFormat)
    }

    private struct Gap {
        var start: MediaTime
        var cause: GapCause
        var count = 0
    }

    private let motionSource: MotionWay
    /// Nil where clips need not carry what Video-LaVIT takes.
    private var videoLaVIT: VideoLaVITRecord?
    private var format: VideoFormat
    private var grid: CellGrid
    private let masks: PictureMasks
    /// Nil where no cell is masked.
    private var mask: CellMask?
    private var units = UnitLog()
    /// Losses and formats, with the number of units received before them.
    private var marks: [(index: Int, mark: Mark)] = []
    private var newestKey: MediaTime?
    private var senderOffset: Int64?

    private var clip: OpenClip?
    private var nextIndex = 0
    /// Open between a break and the next clean key picture.
    private var gap: Gap?
    /// The picture handled last.
    private var newest: (pts: MediaTime, isInterpolated: Bool)?
    private var sessionStart = 0
    private var lastIndex = 0
    private var lastCorrupt = -1
    /// The anchor that the next P-picture's vectors reach back to; nil after a gap.
    private var anchor: MediaTime?
    /// When the source showed it: vectors span the time between the source's pictures, wherever a grid has put them.
    private var anchorUnit = MediaTime.zero
    /// Kept as soon as a P-picture had more than one active reference.
    private var references = ReferencePictures()
    private var hasReferenceChoice = false
    private var outputs: [ClipOutput] = []

    /// - Parameters:
    ///   - attachesVideoLaVIT: clips carry what Video-LaVIT's tokenizers take of them (`Clip.videoLaVIT`); for re-encoded streams.
    ///   - masks: their cells are invalid in every field. They are on the pictures already (`MotionDecoder`).
    public init(
        session: Int, format: VideoFormat, motionSource: MotionWay = .codec, attachesVideoLaVIT: Bool = false,
        masks: PictureMasks = .none
    ) {
        self.session = session
        videoLaVIT = attachesVideoLaVIT ? VideoLaVITRecord() : nil
        self.format = format
        self.motionSource = motionSource
        self.masks = masks
        grid = CellGrid(width: format.width, height: format.height)
        mask = CellMask(masks, width: format.width, height: format.height)
    }

    // MARK: Decoding order

    /// Notes a unit before it is decoded.
    public mutating func receive(_ unit: AccessUnit) {
        guard unit.pts.isPlausible else { return }
        units.append(unit)
        if unit.traits.type == .predicted, unit.traits.activeReferences > 1 { hasReferenceChoice = true }
        if let sender = unit.senderUTC { senderOffset = sender.nanoseconds &- unit.pts.nanoseconds }
        if let newestKey, unit.pts - newestKey > Clip.duration { filtersNonKey = true }
        // A recovery point that needs pictures after it does not repair what drifted: it ends no group of pictures.
        if newestKey == nil || (unit.traits.isKey && unit.traits.recoveryCount == 0) { newestKey = unit.pts }
    }

    /// Notes that `count` pictures are missing before the next unit (0: nobody knows how many).
    public mutating func loss(count: Int, cause: GapCause) {
        units.breakRecovery()
        mark(.loss(count: max(count, 0), cause: cause))
    }

    /// Notes that the next unit is the first of another format.
    public mutating func formatChange(_ format: VideoFormat) {
        mark(.format(format))
    }

    private mutating func mark(_ mark: Mark) {
        // Nothing is decoded between them: the oldest ones can wait no longer.
        if marks.count == 64 { marks.removeFirst() }
        marks.append((units.count, mark))
    }

    // MARK: Display order

    /// Takes the next picture that the decoder gave out.
    public mutating func handle(_ picture: any DecodedPicture) -> [ClipOutput] {
        defer { outputs = [] }
        guard picture.pts.isPlausible else { return [] }
        // The vectors of the next picture reach back to where this one was first shown.
        if picture.isRepeated {
            videoLaVIT?.add(picture, open: clip?.start)
            return []
        }
        let record = units.find(picture.unitPTS, isCorrupt: picture.isCorrupt)
        let index = record?.index ?? lastIndex
        if picture.isCorrupt { lastCorrupt = max(lastCorrupt, index) }
        guard isInOrder(picture.pts, isInterpolated: record?.isInterpolated ?? true, index: index) else { return [] }
        breakIfNeeded(at: picture, record: record, index: index)
        // A time stamp worked out in decoding order puts a B-picture behind the anchor shown after it: the anchor counts.
        if record?.isInterpolated != true || picture.type != .bidirectional {
            newest = (picture.pts, record?.isInterpolated ?? true)
        }
        lastIndex = max(lastIndex, index)
        if picture.type == .intra || picture.type == .predicted {
            take(picture, record, isCleanKey: isCleanKey(picture, record))
            videoLaVIT?.add(picture, open: clip?.start)
        }
        if hasReferenceChoice, motionSource == .codec, let record, record.traits.isReference {
            // Nothing refers to pictures before an instant key picture.
            if record.traits.isKey, record.traits.recoveryCount == 0 { references.clear() }
            references.add(picture, index: record.index)
        }
        return outputs
    }

    /// Closes what is open; the assembler must not be used afterwards.
    public mutating func end() -> [ClipOutput] {
        defer { outputs = [] }
        for case .loss(let count, let cause) in marks.map(\.mark) {
            tellLoss(count: count, cause: cause, at: mediaEnd(before: .max))
        }
        marks = []
        endSession(before: .max)
        return outputs
    }

    /// A picture without a record was made up by the decoder; such ones start nothing.
    private func isCleanKey(_ picture: any DecodedPicture, _ record: UnitLog.Record?) -> Bool {
        guard let record, !picture.isCorrupt else { return false }
        // The encoder is videowire's own: what the source says of key pictures does not hold for its I-pictures.
        guard motionSource == .codec else { return picture.type == .intra }
        return record.cleanSince.map { lastCorrupt < $0 } ?? false
    }

    // MARK: Breaks

    /// False where the picture is to be left out. Starts a new session where time stamps do not go on.
    private mutating func isInOrder(_ pts: MediaTime, isInterpolated: Bool, index: Int) -> Bool {
        guard let newest else { return true }
        let step = pts - newest.pts
        if step.units > 10 * MediaTime.unitsPerSecond {
            startSession(at: index, reason: "time stamps jumped by \(step.seconds) s")
        } else if step < .zero {
            // Time stamps that were worked out may be a little off; that is no reason to start again.
            let isOff = (isInterpolated || newest.isInterpolated) && step.units > -MediaTime.unitsPerSecond
            guard !isOff else { return false }
            startSession(at: index, reason: "time stamps ran backward by \((newest.pts - pts).seconds) s")
        }
        return step != .zero
    }

    private mutating func startSession(at index: Int, reason: String) {
        endSession(before: index)
        session += 1
        outputs.append(.session(number: session, reason: reason))
        units.startSession(at: index)
        (sessionStart, lastCorrupt, nextIndex) = (index, -1, 0)
        (newest, newestKey, filtersNonKey, senderOffset) = (nil, nil, false, nil)
    }

    private mutating func endSession(before index: Int) {
        let end = mediaEnd(before: index)
        breakOff(at: end, cut: .end, decodedBefore: index)
        if let gap { outputs.append(.gap(start: gap.start, end: end, cause: gap.cause, count: gap.count)) }
        gap = nil
        let count = min(index, units.count) - sessionStart
        if count == 1 {
            outputs.append(.failed(reason: "the source has a single picture"))
        } else if count > 1, nextIndex == 0 {
            outputs.append(.failed(reason: "none of \(count) pictures is a whole key picture"))
        }
    }

    private mutating func breakIfNeeded(at picture: any DecodedPicture, record: UnitLog.Record?, index: Int) {
        let before = units.newest(before: picture.pts, decodedBefore: .max).last
        let hole = max(before ?? picture.pts, newest?.pts ?? picture.pts)
        let isHole = (picture.pts - hole).units > MediaTime.unitsPerSecond
        if isHole { breakForGap(at: picture.pts, index: index, cause: .source) }
        while let first = marks.first, first.index <= index {
            marks.removeFirst()
            switch first.mark {
            case .loss(let count, let cause): tellLoss(count: count, cause: cause, at: picture.pts)
            case .format(let format):
                breakForGap(at: picture.pts, index: index, cause: .format)
                self.format = format
            }
        }
        let isResized = picture.width != grid.width || picture.height != grid.height
        if isResized || record?.traits.changesParameters == true {
            breakForGap(at: picture.pts, index: index, cause: .format)
        }
        if isResized {
            (format.width, format.height) = (picture.width, picture.height)
            grid = CellGrid(width: picture.width, height: picture.height)
            mask = CellMask(masks, width: picture.width, height: picture.height)
        }
    }

    private mutating func breakForGap(at pts: MediaTime, index: Int, cause: GapCause) {
        guard newest != nil else { return }
        // B-pictures are decoded after the anchor behind them: all units up to the one that breaks count.
        let end = mediaEnd(before: max(index, lastIndex + 1), limit: pts)
        breakOff(at: end, cut: .gap, decodedBefore: .max)
        if gap == nil { gap = Gap(start: end, cause: cause) }
    }

    /// Counts a loss: in the gap that it has made, else in the open clip.
    private mutating func tellLoss(count: Int, cause: GapCause, at pts: MediaTime) {
        forgetAnchors()
        if gap != nil {
            if gap?.count == 0, gap?.cause == .source { gap?.cause = cause }
            gap?.count += count
        } else if let newest {
            clip?.missingFrames += count
            outputs.append(.gap(start: newest.pts, end: max(pts, newest.pts), cause: cause, count: count))
        }
    }

    /// Where the media known so far ends: its newest picture is shown for as long as the one before it.
    private func mediaEnd(before index: Int, limit: MediaTime? = nil) -> MediaTime {
        guard let newest else { return limit ?? .zero }
        let second = MediaTime(units: MediaTime.unitsPerSecond)
        let bound = min(limit ?? newest.pts + second, newest.pts + second)
        let (last, other) = units.newest(before: bound, decodedBefore: index)
        let end = max(last ?? newest.pts, newest.pts)
        let step = end - (other ?? end)
        return step > second ? end : min(end + step, limit ?? end + step)
    }

    // MARK: Clips

    private mutating func forgetAnchors() {
        anchor = nil
        references.clear()
    }

    private mutating func take(_ picture: any DecodedPicture, _ record: UnitLog.Record?, isCleanKey: Bool) {
        if clip == nil {
            guard isCleanKey else { return }
            open(at: picture.pts)
        }
        var span = Span(start: anchor ?? picture.pts, end: picture.pts)
        if let anchor, picture.type == .predicted, !picture.isCorrupt {
            span.vectors = sums(of: picture, record, anchor: anchor)
        }
        advance(span, isCleanKey: isCleanKey)
        clip?.note(picture, isCleanKey: isCleanKey)
        anchor = picture.pts
        anchorUnit = picture.unitPTS
    }

    /// The picture's vectors, by the time between it and the pictures they point to.
    private func sums(
        of picture: any DecodedPicture, _ record: UnitLog.Record?, anchor: MediaTime
    ) -> [(sums: CellSums, distance: MediaTime)] {
        picture.withVectors { vectors in
            guard motionSource == .codec, let record, record.traits.activeReferences > 1 else {
                return [(grid.sum(vectors), picture.unitPTS - anchorUnit)]
            }
            let candidates = references.candidates(
                before: record.index, count: record.traits.activeReferences, anchor: anchor)
            let parts = withLuma(of: [picture] + candidates) { views in
                ReferenceFinder(picture: views[0], references: Array(views.dropFirst())).split(vectors)
            }
            guard let parts, candidates.first?.pts == anchor else { return [(grid.sum(vectors), picture.pts - anchor)] }
            return zip(candidates, parts).compactMap { reference, vectors in
                let sums = vectors.withUnsafeBufferPointer { grid.sum($0) }
                return vectors.isEmpty ? nil : (sums, picture.pts - reference.pts)
            }
        }
    }

    private mutating func open(at start: MediaTime) {
        _ = units.take(before: start)
        if let gap { outputs.append(.gap(start: gap.start, end: start, cause: gap.cause, count: gap.count)) }
        clip = OpenClip(start: start, grid: grid, mask: mask, startsOnKey: true, isAfterGap: gap != nil)
        gap = nil
        anchor = nil
    }

    private mutating func advance(_ span: Span, isCleanKey: Bool) {
        while var open = clip {
            outputs += open.advance(span, isCleanKey: isCleanKey).map { .field($0) }
            clip = open
            guard open.isComplete else { return }
            clip = open.next()
            emit(open, end: open.split, cut: open.endsOnKey ? .keyframe : .time, decodedBefore: .max)
        }
    }

    private mutating func breakOff(at end: MediaTime, cut: ClipCut, decodedBefore index: Int) {
        forgetAnchors()
        while var open = clip {
            outputs += open.finish(at: end).map { .field($0) }
            clip = open.isComplete && open.split < end ? open.next() : nil
            let isLast = clip == nil
            let inner: ClipCut = open.endsOnKey ? .keyframe : .time
            emit(open, end: isLast ? end : open.split, cut: isLast ? cut : inner, decodedBefore: index)
        }
    }

    /// Hands a clip out, or tells why not.
    private mutating func emit(_ open: OpenClip, end: MediaTime, cut: ClipCut, decodedBefore index: Int) {
        let tally = UnitTally(units.take(before: end, decodedBefore: index))
        let isLast = cut == .gap || cut == .end
        let input = videoLaVIT?.take(from: open.start, to: isLast ? nil : end)
        defer { nextIndex += 1 }
        func skip(_ cause: ClipSkipCause) {
            outputs.append(.skipped(index: nextIndex, start: open.start, end: end, cause: cause))
        }
        guard (end - open.start).units >= MediaTime.unitsPerSecond else { return skip(.short) }
        guard let key = open.key.makeKeyPicture(motionSource) else { return skip(.undecodable) }
        var clip = makeClip(open, end: end, cut: cut, key: key, tally: tally)
        clip.videoLaVIT = input
        outputs.append(.clip(clip))
    }

    private func makeClip(
        _ open: OpenClip, end: MediaTime, cut: ClipCut, key: KeyPicture, tally: UnitTally
    ) -> Clip {
        let fields = open.paddedFields
        let motion = MotionSummary(
            source: motionSource, coverage: fields.reduce(0) { $0 + $1.coverage } / Double(Clip.fieldCount),
            isReferenceAmbiguous: motionSource == .codec && tally.isReferenceAmbiguous,
            framesPerSecond: Double(open.anchors) / (end - open.start).seconds)
        let quality = ClipQuality(
            corruptFrames: tally.corruptFrames, missingFrames: open.missingFrames,
            interpolatedTimes: tally.interpolatedTimes, isDiscontinuous: open.isAfterGap || cut == .gap)
        return Clip(
            session: session, index: nextIndex, start: open.start, end: end, isComplete: open.isComplete, cut: cut,
            frames: tally.frames, startsOnKey: open.startsOnKey, hasBFrames: tally.hasBFrames, video: format, key: key,
            fields: fields, motion: motion,
            capture: tally.capture(from: open.start, to: end, senderOffset: senderOffset), quality: quality)
    }
}

extension MediaTime {
    /// Far enough from the ends of the number range for sums, differences and nanoseconds: 198 years.
    fileprivate var isPlausible: Bool { units.magnitude < 1 << 49 }
}
