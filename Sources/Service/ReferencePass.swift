internal import Capture
internal import Codec
internal import Media

/// What is made of the pictures of a reading.
protocol ReferenceConsumer {
    associatedtype Summary: Sendable

    /// What is left of it when the reading is over.
    var summary: Summary { get }

    /// False where it wants no more.
    mutating func handle(_ picture: any DecodedPicture, of format: VideoFormat) -> Bool
}

/// One reading of a file's pictures as Video-LaVIT's reference sees them: all of the re-encoded stream; or, where the stream's own vectors
/// were asked for, all of the file's.
struct ReferencePass: Sendable {
    let source: SourceLocation
    let options: CaptureOptions
    let way: MotionWay
    let onProgress: @Sendable (MediaTime) -> Void

    /// Decodes until the consumer has enough, the file ends or the task is cancelled, on a thread of its own.
    /// - Throws: `SourceError`, `StreamPipeline.Unusable`, `DecoderError`.
    func run<Consumer: ReferenceConsumer>(
        _ makeConsumer: @escaping @Sendable () -> Consumer
    ) async throws -> Consumer.Summary {
        let capture = StreamCapture(source: source, options: options) { _ in }
        let captured = Task { try await capture.run() }
        return try await withTaskCancellationHandler {
            let result = await onOwnThread("vw-reference") { Result { try decode(capture, makeConsumer()) } }
            captured.cancel()
            // A source that cannot be read explains what could not be decoded.
            try await captured.value
            return try result.get()
        } onCancel: {
            captured.cancel()
        }
    }

    /// The caller wants no more pictures.
    private struct Enough: Error {}

    private func decode<Consumer: ReferenceConsumer>(
        _ capture: StreamCapture, _ consumer: Consumer
    ) throws -> Consumer.Summary {
        var consumer = consumer
        let beginning = FileBeginning(of: capture)
        guard let format = beginning.format else { return consumer.summary }
        if way == .codec {
            do {
                _ = try MotionWay.choose(.codec, format: format)
            } catch {
                throw StreamPipeline.Unusable(description: "\(error)")
            }
        }
        var decoder = try MotionDecoder(allPicturesOf: format.codec, way: way, start: beginning.start)
        func take(_ picture: any DecodedPicture) throws {
            guard consumer.handle(picture, of: format) else { throw Enough() }
        }
        func decode(_ unit: AccessUnit, _ decoder: inout MotionDecoder) throws {
            onProgress(unit.pts)
            do {
                try decoder.decode(unit, take)
            } catch DecoderError.refused(let time, let reason) {
                printError("videowire: the picture at \(time.seconds) s is damaged and left out: \(reason)")
            }
        }
        do {
            for unit in beginning.units { try decode(unit, &decoder) }
            while let item = capture.next() {
                if case .unit(let unit) = item { try decode(unit, &decoder) }
            }
            try decoder.flush(take)
        } catch is Enough {}
        return consumer.summary
    }
}
