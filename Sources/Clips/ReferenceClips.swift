public import Media

/// Makes the clips that `ReferenceSampling` has chosen out of a video's pictures, which are counted in display order: picture *n* is shown at *n*/6 s,
/// whatever its time stamp says. Clips may overlap where I-pictures lie close together.
public struct ReferenceClips {
    private let session: Int
    private let format: VideoFormat
    private let motionSource: MotionWay
    private let starts: [Int]
    /// Pictures of the whole video.
    private let count: Int
    private var next = 0
    private var started = 0
    private var open: [OpenReferenceClip] = []

    /// - Parameters:
    ///   - starts: places of the clips' first pictures, ascending.
    ///   - count: pictures in all.
    public init(starts: [Int], count: Int, session: Int, format: VideoFormat, motionSource: MotionWay) {
        self.starts = starts
        self.count = count
        self.session = session
        self.format = format
        self.motionSource = motionSource
    }

    /// Nothing more will come.
    public var isFinished: Bool { started == starts.count && open.isEmpty }

    /// Takes the next picture; repeated ones count. The clips that it completes, in order.
    public mutating func handle(_ picture: any DecodedPicture) -> [Clip] {
        if started < starts.count, starts[started] == next {
            let size = (picture.width, picture.height)
            open.append(OpenReferenceClip(index: started, first: next, last: min(next + Clip.fieldCount, count), size))
            started += 1
        }
        for index in open.indices { open[index].add(NumberedPicture(picture, number: next)) }
        next += 1
        let finished = open.filter { $0.last <= next }
        open.removeAll { $0.last <= next }
        return finished.compactMap { clip($0) }
    }

    /// Nil where the first picture cannot be copied.
    private func clip(_ open: OpenReferenceClip) -> Clip? {
        var open = open
        let start = Clip.fieldDuration * Int64(open.first)
        let end = Clip.fieldDuration * Int64(open.last)
        let fields = open.finish(at: end)
        guard let key = open.fields.key.makeKeyPicture(motionSource) else { return nil }
        let motion = MotionSummary(
            source: motionSource, coverage: fields.reduce(0) { $0 + $1.coverage } / Double(Clip.fieldCount),
            isReferenceAmbiguous: false, framesPerSecond: Double(open.fields.anchors) / (end - start).seconds)
        return Clip(
            session: session, index: open.index, start: start, end: end,
            isComplete: open.last - open.first == Clip.fieldCount, cut: open.last == count ? .end : .time,
            frames: open.last - open.first, startsOnKey: true, hasBFrames: open.hasBFrames, video: format, key: key,
            fields: fields, motion: motion, capture: nil, quality: ClipQuality(corruptFrames: open.corruptFrames),
            videoLaVIT: open.input)
    }
}

/// A chosen clip in the making.
private struct OpenReferenceClip {
    let index: Int
    /// Places of its first picture and of the one behind its last.
    let first: Int
    let last: Int
    private(set) var fields: OpenClip
    private(set) var hasBFrames = false
    private(set) var corruptFrames = 0
    private let grid: CellGrid
    private var motion: [MacroblockMaximum?] = []
    private var key: RGBPicture?
    private var anchor: MediaTime?

    init(index: Int, first: Int, last: Int, _ size: (width: Int, height: Int)) {
        self.index = index
        self.first = first
        self.last = last
        grid = CellGrid(width: size.width, height: size.height)
        fields = OpenClip(
            start: Clip.fieldDuration * Int64(first), grid: grid, startsOnKey: true, isAfterGap: false)
    }

    /// Nil where its pictures are not 8-bit Y′CbCr 4:2:0.
    var input: VideoLaVITInput? {
        key.map { key in
            VideoLaVITInput(
                key: key, motion: VideoLaVITMotion.tensor(motion, width: key.width, height: key.height))
        }
    }

    mutating func add(_ picture: NumberedPicture) {
        // The encoder keeps a size; what another decoder makes of a change cannot be counted here.
        guard picture.width == grid.width, picture.height == grid.height else { return motion.append(nil) }
        if motion.isEmpty { key = picture.makeCodedPicture().flatMap { ReferenceColour.convert($0) } }
        motion.append(
            picture.withVectors { MacroblockMaximum($0, width: picture.width, height: picture.height) })
        if picture.isCorrupt { corruptFrames += 1 }
        if picture.type == .bidirectional { hasBFrames = true }
        guard picture.type == .intra || picture.type == .predicted, !picture.isRepeated || anchor == nil else { return }
        var span = Span(start: anchor ?? picture.pts, end: picture.pts)
        if let anchor, picture.type == .predicted, !picture.isCorrupt {
            span.vectors = [(picture.withVectors { grid.sum($0) }, picture.pts - anchor)]
        }
        _ = fields.advance(span, isCleanKey: picture.type == .intra)
        fields.note(picture, isCleanKey: picture.type == .intra)
        anchor = picture.pts
    }

    mutating func finish(at end: MediaTime) -> [MotionField] {
        _ = fields.finish(at: end)
        return fields.paddedFields
    }
}

/// A picture at its place in the order of display, six a second.
private struct NumberedPicture: DecodedPicture {
    private let picture: any DecodedPicture
    let pts: MediaTime

    init(_ picture: any DecodedPicture, number: Int) {
        self.picture = picture
        pts = Clip.fieldDuration * Int64(number)
    }

    var type: PictureType { picture.type }
    var isKey: Bool { picture.isKey }
    var isCorrupt: Bool { picture.isCorrupt }
    var isFiltered: Bool { picture.isFiltered }
    var isRepeated: Bool { picture.isRepeated }
    var width: Int { picture.width }
    var height: Int { picture.height }

    func withVectors<Result>(_ body: (UnsafeBufferPointer<MotionVector>) throws -> Result) rethrows -> Result {
        try picture.withVectors(body)
    }

    func withLuma<Result>(_ body: (LumaView) throws -> Result) rethrows -> Result? { try picture.withLuma(body) }

    func makePicture() -> Picture? {
        var picture = picture.makePicture()
        picture?.pts = pts
        return picture
    }

    func makeCodedPicture() -> Picture? { picture.makeCodedPicture() }
}
