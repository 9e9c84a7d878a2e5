public import Media
internal import Synchronization

/// Captures one source: opens it, opens it anew whenever a live one fails, and hands what comes to one consumer.
public final class StreamCapture: Sendable {
    public let source: SourceLocation
    private let options: CaptureOptions
    private let onState: @Sendable (SourceState) -> Void
    private let feed: CaptureFeed
    private let deadline = Deadline()
    private let messages: AsyncStream<Supervisor.Message>
    private let inbox: AsyncStream<Supervisor.Message>.Continuation

    /// `onState` is called from `run`, once for each new state.
    public init(
        source: SourceLocation, options: CaptureOptions = CaptureOptions(),
        onState: @escaping @Sendable (SourceState) -> Void = { _ in }
    ) {
        self.source = source
        self.options = options
        self.onState = onState
        let (messages, inbox) = AsyncStream.makeStream(of: Supervisor.Message.self)
        self.messages = messages
        self.inbox = inbox
        feed = CaptureFeed(options: options, isLossless: !source.isLive) { inbox.yield(.drained) }
    }

    /// Captures until a file was read and everything of it taken, or until the task is cancelled; a live source goes
    /// on for ever. Call it once.
    /// - Throws: `SourceError` for a file that cannot be opened, has no video or breaks off. A live source never throws:
    ///   what is wrong with it is in its states, and it is tried again.
    public func run() async throws(SourceError) {
        var supervisor = Supervisor(
            source: source, options: options, feed: feed, deadline: deadline, inbox: inbox, onState: onState)
        let result = await supervisor.run(messages)
        await supervisor.closePipeline()
        feed.finish()
        try result.get()
    }

    /// The next item, waiting for it; nil when `run` has returned and everything was taken. For one consumer thread
    /// that may block, not for a task.
    public func next() -> CaptureItem? { feed.next() }

    /// When the next decision about the source is due at the latest (given up, tried again); nil where it may take for ever: a
    /// file, or a source that is not run. Any thread.
    public var decisionDue: ContinuousClock.Instant? { deadline.time.withLock { $0 } }

    /// Since when the consumer has been at work on what it took last; nil while it waits for more. Any thread.
    public var consumerBusySince: ContinuousClock.Instant? { feed.consumerBusySince }

    /// Files: the media time at which sound and other streams begin, as far as they have been read: the earliest of them. In
    /// a file that keeps its streams together that is known when the first second of pictures has come.
    public var otherStreamsStart: MediaTime? { feed.otherStreamsStart }
}

/// When a supervisor has asked to be woken.
final class Deadline: Sendable {
    let time = Mutex<ContinuousClock.Instant?>(nil)
}

/// Performs what `SourceStateMachine` decides. Whatever can hang is left to the `Reaper`: a decision never waits for GStreamer for
/// longer than its limit.
struct Supervisor {
    enum Message: Sendable {
        case opened(Int, Result<CapturePipeline, SourceError>)
        case pipeline(Int, Tap.Event)
        case timer
        case drained
    }

    private let source: SourceLocation
    private let options: CaptureOptions
    private let feed: CaptureFeed
    private let deadline: Deadline
    private let inbox: AsyncStream<Message>.Continuation
    private let onState: @Sendable (SourceState) -> Void
    private let start = ContinuousClock.now
    private var machine: SourceStateMachine
    private var pipeline: CapturePipeline?
    /// Counts the openings; messages of an earlier one are void.
    private var opening = 0
    private var timer: Task<Void, Never>?

    init(
        source: SourceLocation, options: CaptureOptions, feed: CaptureFeed, deadline: Deadline,
        inbox: AsyncStream<Message>.Continuation, onState: @escaping @Sendable (SourceState) -> Void
    ) {
        self.source = source
        self.options = options
        self.feed = feed
        self.deadline = deadline
        self.inbox = inbox
        self.onState = onState
        machine = SourceStateMachine(
            isLive: source.isLive, policy: options.reconnect, stallTimeout: options.stallTimeout)
    }

    /// Runs until the machine says so or the task is cancelled.
    mutating func run(_ messages: AsyncStream<Message>) async -> Result<Void, SourceError> {
        defer {
            timer?.cancel()
            deadline.time.withLock { $0 = nil }
        }
        if let result = await handle(.start) { return result }
        for await message in messages {
            guard let event = event(for: message) else { continue }
            if let result = await handle(event) { return result }
        }
        return .success(())
    }

    mutating func closePipeline() async {
        feed.end()
        opening += 1
        guard let pipeline else { return }
        self.pipeline = nil
        await Reaper.wait { pipeline.close() }
    }

    private mutating func event(for message: Message) -> SourceStateMachine.Event? {
        switch message {
        case .opened(opening, .success(let pipeline)):
            self.pipeline = pipeline
            Reaper.run { pipeline.play() }
            return nil
        case .opened(opening, .failure(let error)): return .failed(error)
        case .opened: return nil
        case .timer:
            deadline.time.withLock { $0 = nil }
            let pulse = pipeline?.pulse
            return .timer(newestPicture: pulse?.newestPicture.map { $0 - start }, keyInterval: pulse?.keyInterval)
        case .drained: return .drained
        case .pipeline(opening, .picture): return .picture
        case .pipeline(opening, .failed(let error)): return .failed(error)
        case .pipeline(opening, .ended): return .ended
        case .pipeline: return nil
        }
    }

    private mutating func handle(_ event: SourceStateMachine.Event) async -> Result<Void, SourceError>? {
        for action in machine.handle(event, at: .now - start) {
            switch action {
            case .open: open()
            case .close: await closePipeline()
            case .wake(let time): wake(at: time)
            case .report(let kind, let reason, let attempt, let nextRetry):
                onState(
                    SourceState(kind: kind, reason: reason, attempt: attempt, nextRetry: nextRetry, since: .now))
            case .finish(let error):
                return error.map(Result.failure) ?? .success(())
            }
        }
        if case .ended = event, !source.isLive { feed.end() }
        return nil
    }

    private mutating func open() {
        opening += 1
        Reaper.run { [source, options, feed, inbox, opening, session = feed.begin()] in
            let result = Result { () throws(SourceError) in
                try CapturePipeline(source, options: options, feed: feed, session: session) { event in
                    inbox.yield(.pipeline(opening, event))
                }
            }
            inbox.yield(.opened(opening, result))
        }
    }

    private mutating func wake(at time: Duration) {
        timer?.cancel()
        let instant = start + time
        deadline.time.withLock { $0 = instant }
        timer = Task { [inbox] in
            try? await Task.sleep(until: instant, clock: .continuous)
            if !Task.isCancelled { inbox.yield(.timer) }
        }
    }
}
