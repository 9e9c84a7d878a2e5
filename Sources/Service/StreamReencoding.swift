internal import Capture
internal import Codec
internal import Media

/// The work of `videowire reencode`.
public enum StreamReencoding {
    /// Writes six pictures a second of a file as an MPEG-4 Part 2 elementary stream.
    ///
    /// - Parameter output: a path; nil for standard output.
    /// - Throws: `SourceError`, `FileOutput.Failure`, or why the file cannot be encoded.
    public static func run(file: String, output: String?, pipelines: String?) async throws {
        let source = try SourceLocation(parsing: file)
        guard !source.isLive else {
            throw StreamPipeline.Unusable(description: "\(source) is no file; reencode reads files")
        }
        defer { printCut(of: source) }
        let capture = StreamCapture(source: source, options: CaptureOptions(pipelineDirectory: pipelines)) { _ in }
        async let written = onOwnThread("vw-reencode") {
            Result { try write(capture, output: output) }
        }
        let captured = Task { try await capture.run() }
        let result = await written
        if case .failure = result { captured.cancel() }
        try await captured.value
        try result.get()
    }

    private static func write(_ capture: StreamCapture, output: String?) throws {
        var output = try output.map { try FileOutput(path: $0) } ?? FileOutput()
        let beginning = FileBeginning(of: capture)
        guard let format = beginning.format else { return }
        var reencoder = try Reencoder(codec: format.codec, start: beginning.start, fillsHoles: true)
        func encode(_ unit: AccessUnit, _ reencoder: inout Reencoder, _ output: inout FileOutput) throws {
            do {
                try reencoder.decode(unit) { try output.write($0.unit.bytes) }
            } catch DecoderError.refused(let time, let reason) {
                printError("videowire: the picture at \(time.seconds) s is damaged and left out: \(reason)")
            }
        }
        for unit in beginning.units { try encode(unit, &reencoder, &output) }
        while let item = capture.next() {
            if case .unit(let unit) = item { try encode(unit, &reencoder, &output) }
        }
        try reencoder.flush { try output.write($0.unit.bytes) }
        try output.flush()
    }
}

/// The format and the first second of a file's pictures: by then it is known when its other streams begin.
struct FileBeginning {
    private(set) var format: VideoFormat?
    private(set) var units: [AccessUnit] = []
    /// The time of the file's first picture or sound.
    private(set) var start = MediaTime.zero

    /// Takes as much from the capture as it needs.
    init(of capture: StreamCapture) {
        read(capture)
        let shown = units.map(\.pts).filter { $0 >= .zero }
        start = (shown + [capture.otherStreamsStart].compactMap(\.self)).min() ?? .zero
    }

    private mutating func read(_ capture: StreamCapture) {
        while let item = capture.next() {
            switch item {
            case .format(let format): self.format = self.format ?? format
            case .unit(let unit):
                units.append(unit)
                if let first = units.first, (unit.pts - first.pts).units > MediaTime.unitsPerSecond { return }
            case .endOfSession: return
            case .session, .loss: break
            }
        }
    }
}
