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
        let (codec, units) = beginning(of: capture)
        guard let codec else { return }
        let shown = units.map(\.pts).filter { $0 >= .zero }
        let start = (shown + [capture.otherStreamsStart].compactMap(\.self)).min() ?? .zero
        var reencoder = try Reencoder(codec: codec, start: start, fillsHoles: true)
        func encode(_ unit: AccessUnit, _ reencoder: inout Reencoder, _ output: inout FileOutput) throws {
            do {
                try reencoder.decode(unit) { try output.write($0.unit.bytes) }
            } catch DecoderError.refused(let time, let reason) {
                printError("videowire: the picture at \(time.seconds) s is damaged and left out: \(reason)")
            }
        }
        for unit in units { try encode(unit, &reencoder, &output) }
        while let item = capture.next() {
            if case .unit(let unit) = item { try encode(unit, &reencoder, &output) }
        }
        try reencoder.flush { try output.write($0.unit.bytes) }
        try output.flush()
    }

    /// The codec and the first second of pictures: by then it is known when the file's other streams begin.
    private static func beginning(of capture: StreamCapture) -> (codec: VideoCodec?, units: [AccessUnit]) {
        var codec: VideoCodec?
        var units: [AccessUnit] = []
        while let item = capture.next() {
            switch item {
            case .format(let format): codec = codec ?? format.codec
            case .unit(let unit):
                units.append(unit)
                if let first = units.first, (unit.pts - first.pts).units > MediaTime.unitsPerSecond {
                    return (codec, units)
                }
            case .endOfSession: return (codec, units)
            case .session, .loss: break
            }
        }
        return (codec, units)
    }
}
