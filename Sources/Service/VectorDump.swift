internal import Capture
internal import Codec
internal import Media

/// The work of `videowire motion`.
public enum VectorDump {
    /// Writes every vector of every picture of a file; frames count from 0 in display order.
    ///
    /// - Parameter output: a path; nil for standard output.
    /// - Throws: `SourceError`, `FileOutput.Failure`, or why the file has no vectors.
    public static func run(file: String, format: VectorTableFormat, output: String?, pipelines: String?) async throws {
        let source = try SourceLocation(parsing: file)
        guard !source.isLive else {
            throw StreamPipeline.Unusable(description: "\(source) is no file; motion reads files")
        }
        defer { printCut(of: source) }
        let capture = StreamCapture(source: source, options: CaptureOptions(pipelineDirectory: pipelines)) { _ in }
        async let written = onOwnThread("vw-motion") {
            Result { try write(capture, of: source, format: format, output: output) }
        }
        let captured = Task { try await capture.run() }
        let result = await written
        if case .failure = result { captured.cancel() }
        try await captured.value
        try result.get()
    }

    private static func write(
        _ capture: StreamCapture, of source: SourceLocation, format: VectorTableFormat, output: String?
    ) throws {
        var table = try VectorTable(format: format, output: output.map { try FileOutput(path: $0) } ?? FileOutput())
        var decoder: VideoDecoder?
        var frame = 0
        func append(_ picture: any DecodedPicture, to table: inout VectorTable) throws {
            try picture.withVectors { try table.append(frame: frame, type: picture.type, vectors: $0) }
            frame += 1
        }
        while let item = capture.next() {
            switch item {
            case .format(let video):
                let (way, reason) = MotionWay.choose(format: video)
                guard way == .codec else {
                    throw StreamPipeline.Unusable(
                        description: "\(reason); videowire reencode makes a stream that has them")
                }
                // The loop filter changes pixels, not vectors.
                if decoder == nil {
                    decoder = try VideoDecoder(codec: video.codec, skipsNonReference: false, filtersNonKey: false)
                }
            case .unit(let unit):
                do {
                    try decoder?.decode(unit) { try append($0, to: &table) }
                } catch DecoderError.refused(let time, let reason) {
                    printError("videowire: the picture at \(time.seconds) s is damaged and left out: \(reason)")
                }
            case .endOfSession: try decoder?.flush { try append($0, to: &table) }
            case .session, .loss: break
            }
        }
        try table.finish()
        switch frame {
        case 0: throw StreamPipeline.Unusable(description: "no picture of \(source) could be decoded")
        case 1: throw StreamPipeline.Unusable(description: "\(source) has a single picture; motion takes two at least")
        default: break
        }
    }
}
