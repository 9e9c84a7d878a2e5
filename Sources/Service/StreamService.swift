internal import Capture
internal import Codec
internal import Events
internal import Media
internal import ServiceLifecycle
internal import Synchronization
internal import Tokenization

/// One stream from its source to its events, for as long as the source lasts or until it is shut down.
final class StreamService: Service {
    private let name: String
    private let source: SourceLocation
    private let options: CaptureOptions
    private let motion: MotionWay?
    private let captions: Bool
    private let lastSession: Int
    private let tokenizer: any ClipTokenizer
    private let publish: @Sendable (Event) -> Void
    private let onProgress: @Sendable (MediaTime) -> Void

    /// - Parameters:
    ///   - motion: the way to motion that the user asked for; nil: `auto`.
    ///   - lastSession: the number of the stream's newest session so far.
    ///   - publish: takes the stream's events, from several threads; may block to hold a file back.
    ///   - onProgress: takes the media time reached.
    init(
        name: String, source: SourceLocation, options: CaptureOptions, motion: MotionWay? = nil, captions: Bool,
        lastSession: Int = 0, tokenizer: any ClipTokenizer = ScalarTokenizer(),
        publish: @escaping @Sendable (Event) -> Void,
        onProgress: @escaping @Sendable (MediaTime) -> Void = { _ in }
    ) {
        self.name = name
        self.source = source
        self.options = options
        self.motion = motion
        self.captions = captions
        self.lastSession = lastSession
        self.tokenizer = tokenizer
        self.publish = publish
        self.onProgress = onProgress
    }

    /// Returns when a file has ended or the service was shut down; everything taken in has been published by then.
    /// - Throws: `SourceError` for a file that cannot be used, `StreamPipeline.Unusable` for a file that gives no clips.
    func run() async throws {
        let states = StateReporter(stream: name, publish: publish)
        let capture = StreamCapture(source: source, options: options) { states.report($0) }
        async let failure = onOwnThread("vw-\(name)") { [self] in
            let pipeline = StreamPipeline(
                stream: name, tokenizer: tokenizer, motion: motion, captions: captions, lastSession: lastSession,
                emit: publish, onProgress: onProgress)
            while let item = capture.next() { pipeline.handle(item) }
            return pipeline.unusable
        }
        do {
            try await cancelWhenGracefulShutdown { try await capture.run() }
        } catch {
            _ = await failure
            states.end()
            throw error
        }
        let unusable = await failure
        states.end()
        if let unusable, !source.isLive { throw unusable }
    }
}

/// Turns a source's states into events. The states that a session begins and ends with are held back until its clips are out.
private final class StateReporter: Sendable {
    private struct Pending {
        var newest: SourceState.Kind?
        var end: Event?
    }

    private let stream: String
    private let publish: @Sendable (Event) -> Void
    private let pending = Mutex(Pending())

    init(stream: String, publish: @escaping @Sendable (Event) -> Void) {
        self.stream = stream
        self.publish = publish
    }

    func report(_ state: SourceState) {
        let event = Event.streamState(
            state.kind.streamState, stream: stream, reason: state.reason.isEmpty ? nil : state.reason,
            attempt: state.attempt > 0 ? state.attempt : nil,
            nextRetryMilliseconds: state.nextRetry.map { Int($0 / .milliseconds(1)) }, since: state.since)
        let isNow = pending.withLock { pending in
            defer { pending.newest = state.kind }
            switch state.kind {
            // The pipeline tells of a session's start itself, with its number and the way motion is taken.
            case .live: return pending.newest == .stalled
            case .ended:
                pending.end = event
                return false
            case .connecting, .stalled, .backoff, .failed: return true
            }
        }
        if isNow { publish(event) }
    }

    func end() {
        let event = pending.withLock { pending in
            defer { pending.end = nil }
            return pending.end
        }
        if let event { publish(event) }
    }
}

extension SourceState.Kind {
    fileprivate var streamState: StreamState {
        switch self {
        case .connecting: .connecting
        case .live: .live
        case .stalled: .stalled
        case .backoff: .backoff
        case .ended: .ended
        case .failed: .failed
        }
    }
}
