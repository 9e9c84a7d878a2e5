internal import Capture
internal import Codec
internal import Media
internal import Synchronization

/// The work of `videowire probe`.
public enum Prober {
    /// Looks at the first seconds of a source.
    /// - Parameter credentials: a file with the camera's credentials; `-` for standard input.
    /// - Throws: `SourceError`, `CredentialsError`; for a live source also when no picture came within 30 s.
    public static func probe(
        source text: String, credentials: String?, seconds: Int, transport: Settings.Stream.Transport,
        pipelines: String?
    ) async throws -> ProbeReport {
        let source = try SourceLocation(parsing: text, credentials: credentials)
        let options = CaptureOptions(transport: transport == .tcp ? .tcp : .udp, pipelineDirectory: pipelines)
        let reason = LatestReason()
        let capture = StreamCapture(source: source, options: options) { reason.set($0.reason) }
        let report = try await withThrowingTaskGroup(of: Outcome.self) { group in
            group.addTask {
                try await capture.run()
                return .captured
            }
            group.addTask {
                await onOwnThread("vw-probe") {
                    .seen(look(at: capture, source: source, seconds: Double(seconds)))
                }
            }
            if source.isLive {
                group.addTask {
                    try await Task.sleep(for: .seconds(30 + seconds))
                    throw StreamPipeline.Unusable(description: "\(source) gave no picture: \(reason.get())")
                }
            }
            defer { group.cancelAll() }
            while let outcome = try await group.next() {
                if case .seen(let report) = outcome { return report }
            }
            return nil
        }
        guard let report else { throw StreamPipeline.Unusable(description: "\(source) ended before the first picture") }
        return report
    }

    private enum Outcome {
        case captured
        case seen(ProbeReport?)
    }

    private final class LatestReason: Sendable {
        private let reason = Mutex("no answer")
        func set(_ text: String) { reason.withLock { $0 = text } }
        func get() -> String { reason.withLock { $0 } }
    }

    /// Nil where no picture came.
    private static func look(at capture: StreamCapture, source: SourceLocation, seconds: Double) -> ProbeReport? {
        var accumulator = ProbeAccumulator(source: source.description, isLive: source.isLive)
        var decoder: VideoDecoder?
        var choice: (way: MotionWay, reason: String)?
        loop: while let item = capture.next() {
            switch item {
            case .format(let format):
                accumulator.add(format)
                choice = choice ?? MotionWay.choose(format: format)
                decoder = try? VideoDecoder(codec: format.codec, skipsNonReference: false, filtersNonKey: false)
            case .unit(let unit):
                accumulator.add(unit)
                try? decoder?.decode(unit) { accumulator.add($0) }
                if accumulator.report.seconds >= seconds { break loop }
            case .loss(let count, _): accumulator.addLoss(count)
            case .session: break
            case .endOfSession: break loop
            }
        }
        try? decoder?.flush { accumulator.add($0) }
        return choice.map { accumulator.finished(way: $0.way.rawValue, reason: $0.reason) }
    }
}
