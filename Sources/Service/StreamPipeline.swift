internal import Captioning
internal import Clips
internal import Codec
internal import Events
internal import Media

/// One stream's way from coded pictures to events: decode, cut clips, tokenize, caption. Plain synchronous code that one
/// thread owns.
final class StreamPipeline {
    /// Why a stream cannot be turned into tokens at all.
    struct Unusable: Error, CustomStringConvertible {
        var description: String
    }

    private let stream: String
    private let askedMotion: MotionWay?
    private let attachesVideoLaVIT: Bool
    private let masks: PictureMasks
    private let keyPictures: KeyPictureWriter?
    private let emit: (Event) -> Void
    /// Tokenizes where there is no stage for it.
    private var encoding: ClipEncoding
    private let stage: TokenStage?
    private let onProgress: (MediaTime) -> Void
    /// Nil where no captions are written.
    private var narrator: Narrator?
    private let voice: (any StreamVoice)?
    /// The newest session; 0 before the first.
    private var session: Int
    private var format: VideoFormat?
    private var decoder: MotionDecoder?
    private var assembler: ClipAssembler?
    private var sessionStart: MediaTime?
    private var clipOfField = 0
    /// The way to motion of the session, and why.
    private var motion = (way: MotionWay.codec, reason: "")
    private var clock = StageClock()
    /// Capture time less media time, in nanoseconds: of the newest sender report of the session, else of arrival.
    private var utcOffset: (nanoseconds: Int64, isSenders: Bool)?
    /// Why the newest session cannot be used, or gave nothing.
    private var fault: Unusable?
    private var hasClips = false
    private var tally = PictureTally()
    /// Set when the source as a whole could not be used: nothing came of any session.
    var unusable: Unusable? { hasClips ? nil : fault ?? Unusable(description: "no clip came of it: \(tally.shortage)") }

    /// - Parameters:
    ///   - stage: tokenizes clips on another thread; nil: the calling thread does it at once.
    ///   - motion: the way to motion that the user asked for; nil: `auto`.
    ///   - attachesVideoLaVIT: clips carry what Video-LaVIT's tokenizers take of them.
    ///   - voice: writes captions; nil: nobody does.
    ///   - lastSession: the number of the stream's newest session so far; the next one gets the number after it.
    ///   - masks: what they hide reaches nothing behind the decoder.
    ///   - keyPictures: keeps the clips' key pictures; nil: nobody does.
    ///   - emit: takes the events in order, on the calling thread of `handle`.
    ///   - onProgress: takes the media time of each unit.
    init(
        stream: String, encoding: ClipEncoding, stage: TokenStage? = nil, motion: MotionWay? = nil,
        attachesVideoLaVIT: Bool = false, voice: (any StreamVoice)?, lastSession: Int, masks: PictureMasks = .none,
        keyPictures: KeyPictureWriter? = nil, emit: @escaping (Event) -> Void, onProgress: @escaping (MediaTime) -> Void
    ) {
        self.stream = stream
        self.encoding = encoding
        self.stage = stage
        self.attachesVideoLaVIT = attachesVideoLaVIT
        self.masks = masks
        self.keyPictures = keyPictures
        askedMotion = motion
        self.emit = emit
        self.onProgress = onProgress
        self.voice = voice
        narrator = voice.map { Narrator(rules: $0.rules) }
        session = lastSession
    }

    func handle(_ item: CaptureItem) {
        switch item {
        case .session:
            endSession()
            fault = nil
        case .format(let format): change(to: format)
        case .unit(let unit): take(unit)
        case .loss(let count, let cause):
            flush()
            assembler?.loss(count: count, cause: cause)
        case .endOfSession: endSession()
        }
    }

    // MARK: - Sessions and formats

    private func change(to format: VideoFormat) {
        flush()
        if self.format?.codec != format.codec { decoder = nil }
        self.format = format
        if assembler == nil {
            startSession(format)
        } else {
            assembler?.formatChange(format)
        }
    }

    private func startSession(_ format: VideoFormat) {
        do {
            motion = try MotionWay.choose(askedMotion, format: format)
            if attachesVideoLaVIT { motion.reason = "Video-LaVIT's tokenizers take the vectors of their own encoding" }
        } catch {
            session += 1
            return refuse(Unusable(description: "\(error)"))
        }
        if decoder?.way != motion.way { decoder = nil }
        assembler = ClipAssembler(
            session: session + 1, format: format, motionSource: motion.way, attachesVideoLaVIT: attachesVideoLaVIT,
            masks: masks)
        beginSession(session + 1, reason: nil)
    }

    private func beginSession(_ number: Int, reason: String?) {
        session = number
        clipOfField = 0
        sessionStart = nil
        utcOffset = nil
        narrator?.startSession()
        voice?.startSession()
        tell(
            .streamState(
                .live, stream: stream, session: number, reason: reason, motion: (motion.way, motion.reason)),
            .boundary)
    }

    /// Units are passed over until the next session.
    private func refuse(_ reason: Unusable) {
        assembler = nil
        tellFault(reason)
    }

    private func tellFault(_ reason: Unusable) {
        fault = reason
        tell(.streamState(.failed, stream: stream, session: session, reason: reason.description), .boundary)
    }

    private func endSession() {
        flush()
        emitAll(assembler?.end() ?? [])
        assembler = nil
        format = nil
    }

    // MARK: - Pictures

    private func take(_ unit: AccessUnit) {
        guard let format, assembler != nil else { return }
        clock.took(unit)
        note(captureOf: unit)
        assembler?.receive(unit)
        onProgress(unit.pts)
        tally.add(unit.pts)
        do {
            if decoder == nil { decoder = try MotionDecoder(codec: format.codec, way: motion.way, masks: masks) }
            decoder?.filtersNonKey = assembler?.filtersNonKey ?? true
            clock.startDecoding()
            defer { clock.stopDecoding() }
            try decoder?.decode(unit) { handle($0) }
        } catch DecoderError.refused {
            assembler?.loss(count: 1, cause: .decoder)
        } catch {
            refuse(Unusable(description: "\(error)"))
        }
    }

    private func note(captureOf unit: AccessUnit) {
        if let sender = unit.senderUTC {
            utcOffset = (sender.nanoseconds &- unit.pts.nanoseconds, true)
        } else if let arrival = unit.arrival, utcOffset?.isSenders != true {
            utcOffset = (arrival.nanoseconds &- unit.pts.nanoseconds, false)
        }
    }

    private func utc(at time: MediaTime) -> UTC? {
        utcOffset.map { UTC(nanoseconds: time.nanoseconds &+ $0.nanoseconds) }
    }

    private func flush() {
        do {
            try decoder?.flush { handle($0) }
        } catch {
            refuse(Unusable(description: "\(error)"))
        }
    }

    private func handle(_ picture: any DecodedPicture) {
        voice?.offer(picture)
        emitAll(assembler?.handle(picture) ?? [])
    }

    // MARK: - Events

    private func emitAll(_ outputs: [ClipOutput]) {
        for output in outputs {
            switch output {
            case .field(let field):
                sessionStart = sessionStart ?? field.start
                if let trigger = narrator?.handle(field) { speak(trigger) }
            case .clip(let clip):
                hasClips = true
                emitTokens(clip)
            case .skipped(let index, let start, let end, let cause):
                tell(
                    .clipSkipped(stream: stream, session: session, index: index, start: start, end: end, cause: cause),
                    .afterClips)
            case .gap(let start, let end, let cause, let count):
                tell(
                    .streamGap(
                        stream: stream, session: session, cause: cause, missingFrames: count > 0 ? count : nil,
                        start: start, end: end, utcStart: utc(at: start), utcEnd: utc(at: end)),
                    .afterClips)
            case .session(let number, let reason):
                fault = nil
                beginSession(number, reason: reason)
            // The next session may follow in the same stream.
            case .failed(let reason):
                tellFault(Unusable(description: "the source cannot be used: \(reason)"))
            }
        }
    }

    private func tell(_ event: Event, _ order: TokenStage.Queue.Order) {
        if let stage { stage.tell(event, order: order) } else { emit(event) }
    }

    private func emitTokens(_ clip: Clip) {
        keyPictures?.keep(clip)
        let timed = TimedClip(clip: clip, latency: clock.latency(of: clip))
        if let stage {
            stage.offer(timed)
        } else {
            // Pictures are handed out inside the decoder's time.
            clock.stopDecoding()
            emit(encoding.event(of: timed))
            clock.startDecoding()
        }
        clipOfField = clip.index + 1
    }

    private func speak(_ trigger: SpeechTrigger) {
        let occasion = Occasion(
            trigger: trigger, session: session, sessionStart: sessionStart ?? trigger.start, clip: clipOfField,
            utcOffset: utcOffset?.nanoseconds)
        // Pictures are handed out inside the decoder's time, and a file may be held back here.
        clock.stopDecoding()
        voice?.speak(occasion) { tell($0, .any) }
        clock.startDecoding()
    }
}

/// How many pictures came, and how far apart.
private struct PictureTally {
    private var count = 0
    private var span: ClosedRange<MediaTime>?

    mutating func add(_ time: MediaTime) {
        count += 1
        span = min(span?.lowerBound ?? time, time)...max(span?.upperBound ?? time, time)
    }

    /// Why that is not enough for a clip.
    var shortage: String {
        guard count > 1, let span else { return count == 1 ? "it has a single picture" : "it has no picture" }
        let seconds = span.upperBound.seconds - span.lowerBound.seconds
        if seconds < 1 { return "its \(count) pictures last less than a second; a clip needs a second at least" }
        if seconds > Double(count - 1) {
            return "its \(count) pictures are more than a second apart; a clip needs one a second at least"
        }
        return "none of its \(count) pictures could be used"
    }
}
