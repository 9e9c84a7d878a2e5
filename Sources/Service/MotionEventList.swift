internal import Capture
internal import Clips
internal import Codec
internal import Foundation
internal import Media
internal import MotionEvents

/// The work of `videowire motion-events`.
public enum MotionEventList {
    /// Writes what the motion of a file shows, one JSON object a line, to standard output.
    ///
    /// - Throws: `SourceError`, `FileOutput.Failure`, `MotionWay.NoVectors`, or why nothing can be seen in the file.
    public static func run(file: String, motion: Settings.Stream.Motion, pipelines: String?) async throws {
        let source = try SourceLocation(parsing: file)
        guard !source.isLive else {
            throw StreamPipeline.Unusable(description: "\(source) is no file; motion-events reads files")
        }
        defer { printCut(of: source) }
        let capture = StreamCapture(source: source, options: CaptureOptions(pipelineDirectory: pipelines)) { _ in }
        async let written = onOwnThread("vw-motion") {
            Result { try write(capture, of: source, motion: motion.way) }
        }
        let captured = Task { try await capture.run() }
        let result = await written
        if case .failure = result { captured.cancel() }
        try await captured.value
        try result.get()
    }

    private static func write(_ capture: StreamCapture, of source: SourceLocation, motion: MotionWay?) throws {
        var pass = MotionEventPass(motion: motion, output: FileOutput())
        while let item = capture.next() { try pass.handle(item) }
        try pass.output.flush()
        guard pass.hasFields else {
            throw StreamPipeline.Unusable(
                description: "nothing of \(source) could be decoded, or it is too short; a second is needed")
        }
    }
}

/// A file's way from coded pictures to events of motion.
private struct MotionEventPass: ~Copyable {
    let motion: MotionWay?
    var output: FileOutput
    private(set) var hasFields = false
    private var observer = MotionObserver()
    private var decoder: MotionDecoder?
    private var assembler: ClipAssembler?
    private var format: VideoFormat?
    private var way = MotionWay.codec

    init(motion: MotionWay?, output: consuming FileOutput) {
        self.motion = motion
        self.output = output
    }

    mutating func handle(_ item: CaptureItem) throws {
        switch item {
        case .session: observer.reset()
        case .format(let format): try change(to: format)
        case .unit(let unit): try take(unit)
        case .loss(let count, let cause):
            try flush()
            assembler?.loss(count: count, cause: cause)
        case .endOfSession:
            try flush()
            try write(assembler?.end() ?? [])
            assembler = nil
        }
    }

    private mutating func change(to format: VideoFormat) throws {
        try flush()
        if self.format?.codec != format.codec { decoder = nil }
        self.format = format
        guard assembler == nil else {
            assembler?.formatChange(format)
            return
        }
        way = try MotionWay.choose(motion, format: format).way
        if decoder?.way != way { decoder = nil }
        assembler = ClipAssembler(session: 1, format: format, motionSource: way, attachesVideoLaVIT: false)
    }

    private mutating func take(_ unit: AccessUnit) throws {
        guard let format, assembler != nil else { return }
        assembler?.receive(unit)
        var pictures: [any DecodedPicture] = []
        do {
            if decoder == nil { decoder = try MotionDecoder(codec: format.codec, way: way) }
            decoder?.filtersNonKey = assembler?.filtersNonKey ?? true
            try decoder?.decode(unit) { pictures.append($0) }
        } catch DecoderError.refused(let time, let reason) {
            printError("videowire: the picture at \(time.seconds) s is damaged and left out: \(reason)")
            try show(pictures)
            assembler?.loss(count: 1, cause: .decoder)
            return
        }
        try show(pictures)
    }

    private mutating func flush() throws {
        var pictures: [any DecodedPicture] = []
        try decoder?.flush { pictures.append($0) }
        try show(pictures)
    }

    private mutating func show(_ pictures: [any DecodedPicture]) throws {
        for picture in pictures { try write(assembler?.handle(picture) ?? []) }
    }

    private mutating func write(_ outputs: [ClipOutput]) throws {
        for output in outputs {
            switch output {
            case .field(let field):
                hasFields = true
                for event in observer.handle(field) { try write(event) }
            case .session: observer.reset()
            case .failed(let reason): throw StreamPipeline.Unusable(description: "the source cannot be used: \(reason)")
            case .clip, .skipped, .gap: break
            }
        }
    }

    private mutating func write(_ event: MotionEvent) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try output.write(try encoder.encode(MotionEventLine(event)))
        try output.write("\n".utf8)
    }
}

/// A line of the list.
private struct MotionEventLine: Encodable {
    struct Region: Encodable {
        var id: Int
        /// Left, top, width and height in fractions of the picture.
        var box: [Double]
        /// Widths and heights a second.
        var velocity: [Double]
    }

    var kind: String
    var startSeconds: Double
    var knownSeconds: Double
    var region: Region?
    var side: String?
    var contentVelocity: [Double]?
    var growth: Double?
    var isUncertain: Bool

    private enum CodingKeys: String, CodingKey {
        case kind, region, side, growth
        case startSeconds = "start_s"
        case knownSeconds = "known_s"
        case contentVelocity = "content_velocity"
        case isUncertain = "uncertain"
    }

    init(_ event: MotionEvent) {
        kind = event.kind.rawValue
        startSeconds = Self.round(event.start.seconds)
        knownSeconds = Self.round(event.known.seconds)
        region = event.region.map { region in
            let box = region.box
            return Region(
                id: region.id, box: [box.x, box.y, box.width, box.height].map(Self.round),
                velocity: [region.velocity.x, region.velocity.y].map(Self.round))
        }
        side = event.side?.rawValue
        contentVelocity = event.contentVelocity.map { [$0.x, $0.y].map(Self.round) }
        growth = event.growth.map(Self.round)
        isUncertain = event.isUncertain
    }

    private static func round(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
}
