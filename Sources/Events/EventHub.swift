public import Logging
public import Media
public import ServiceLifecycle
internal import Synchronization

/// Takes events from any thread, numbers them, commits them to the log and tells consumers.
///
/// `publish` never waits. Whatever comes while a commit is under way goes into the next one, so that an event is
/// committed within milliseconds. If the log cannot be written (a full disk) or not fast enough, `capacity` events wait;
/// further ones keep their numbers but are lost, and consumers are told by a `log.lost` of cause `overload` in their place.
///
/// In a `ServiceGroup` the hub comes first, then the server, then what publishes: services are shut down in reverse
/// order, so that the last events are still committed and delivered.
public final class EventHub: Service, Sendable {
    public struct Status: Sendable, Hashable {
        /// The newest number given.
        public var accepted: UInt64
        /// The newest number in the log.
        public var committed: UInt64
        /// Events lost because the log could not be written.
        public var lost: Int
        /// Why the log cannot be written at present; nil while it can.
        public var failure: EventLogError?
    }

    /// The longest line that is sent or accepted, in bytes without the newline.
    public static let maximumLineBytes = 1 << 20

    public let log: EventLog
    private let capacity: Int
    private let logger: Logger
    private let state: Mutex<State>
    private let wake: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    fileprivate struct State {
        var numbering: EventNumbering
        var queue: [LogRecord] = []
        var lost = 0
        var failure: EventLogError?
        var isClosed = false
        var streams: [String: StreamStatus] = [:]
        /// The newest session of each stream since the start.
        var sessions: [String: Int] = [:]
        var probes: [@Sendable () -> Void] = []
        var observers: [Int: AsyncStream<UInt64>.Continuation] = [:]
        var listeners: [Int: AsyncStream<Event>.Continuation] = [:]
        var observerCount = 0
    }

    public init(log: EventLog, capacity: Int = 8_192, logger: Logger) {
        self.log = log
        self.capacity = capacity
        self.logger = logger
        state = Mutex(State(numbering: EventNumbering(epoch: log.epoch, newest: log.newest)))
        (wake, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    public var status: Status {
        let committed = log.newest
        return state.withLock {
            Status(accepted: $0.numbering.newest, committed: committed, lost: $0.lost, failure: $0.failure)
        }
    }

    /// What a consumer is told of a stream before its first event. Call it when a stream is set up.
    public func describe(stream: String, tokenizer: TokenizerDescription?) {
        state.withLock { $0.streams[stream, default: StreamStatus(stream: stream)].tokenizer = tokenizer }
    }

    /// Leaves a stream out of what new consumers are told. Call it when nothing publishes for it any more.
    public func forget(stream: String) {
        state.withLock { $0.streams[stream] = nil }
    }

    /// The highest session number of a stream in any event accepted so far; nil for new streams.
    ///
    /// - Throws: `EventLogError`.
    public func lastSession(stream: String) throws -> Int? {
        try state.withLock { $0.sessions[stream] } ?? log.lastSession(stream: stream)
    }

    /// Calls back when the log's writer has turned: it has tried to commit what waited, with or without success.
    public func probe(_ answer: @escaping @Sendable () -> Void) {
        state.withLock { $0.probes.append(answer) }
        waker.yield()
    }

    /// Accepts a durable event. Never waits; any thread. After the end of `run` events are ignored.
    public func publish(_ event: Event) {
        precondition(event.name.isDurable, "only durable events are numbered")
        let accepted = state.withLock { $0.accept(event, capacity: capacity, time: .now()) }
        if accepted { waker.yield() }
    }

    /// Tells whoever is connected and has nothing older to read; the event is neither logged nor numbered. Never waits; any thread.
    public func tell(_ event: Event) {
        precondition(!event.name.isDurable, "durable events are published")
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(event) }
    }

    /// Events that are told, while they are read fast enough.
    func told() -> AsyncStream<Event> {
        AsyncStream(bufferingPolicy: .bufferingNewest(256)) { continuation in
            let (key, isClosed) = state.withLock { state in
                state.observerCount += 1
                state.listeners[state.observerCount] = state.isClosed ? nil : continuation
                return (state.observerCount, state.isClosed)
            }
            if isClosed { continuation.finish() }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { $0.listeners[key] = nil }
            }
        }
    }

    /// Commits until shut down, then commits what is left and closes the log.
    ///
    /// - Throws: `EventLogError` where the last events could not be written.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.commitWhenWoken() }
                group.addTask { await self.trimRegularly() }
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.waker.finish()
        }
        try await finish()
    }

    /// The number of the newest committed event after each commit; intermediate ones may be left out.
    func commits() -> AsyncStream<UInt64> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let (key, isClosed) = state.withLock { state in
                state.observerCount += 1
                state.observers[state.observerCount] = state.isClosed ? nil : continuation
                return (state.observerCount, state.isClosed)
            }
            if isClosed { continuation.finish() }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { $0.observers[key] = nil }
            }
        }
    }

    /// What is known of each stream, by name.
    package var streams: [StreamStatus] {
        state.withLock { $0.streams.values.sorted { $0.stream < $1.stream } }
    }

    private func commitWhenWoken() async {
        for await _ in wake {
            let isWritten = await commitQueue()
            for answer in state.withLock({ $0.takeProbes() }) { answer() }
            if !isWritten {
                try? await Task.sleep(for: .seconds(1))
                waker.yield()
            }
        }
    }

    /// False where the log could not be written; the records then wait for the next try.
    private func commitQueue() async -> Bool {
        let batch = state.withLock { state in
            defer { state.queue = [] }
            return state.queue
        }
        guard let newest = batch.last?.last else { return true }
        do {
            try await log.append(batch)
            let (observers, hadFailed) = state.withLock { state in
                defer { state.failure = nil }
                return (Array(state.observers.values), state.failure != nil)
            }
            for observer in observers { observer.yield(newest) }
            if hadFailed { logger.notice("event log is written again", metadata: ["path": "\(log.path)"]) }
            return true
        } catch {
            let failure = EventLogError(path: log.path, error)
            let isNew = state.withLock { state in
                state.queue = batch + state.queue
                defer { state.failure = failure }
                return state.failure != failure
            }
            if isNew { logger.error("events wait in memory: \(failure)") }
            return false
        }
    }

    private func trimRegularly() async {
        while !Task.isCancelled {
            do {
                try await log.forgetWhatWasErased()
                try await log.applyRetention()
            } catch {
                logger.warning("old events could not be deleted: \(error)")
            }
            try? await Task.sleep(for: .seconds(5))
        }
    }

    private func finish() async throws {
        state.withLock { $0.isClosed = true }
        let isWritten = await commitQueue()
        let (observers, failure, left) = state.withLock { state in
            for listener in state.listeners.values { listener.finish() }
            defer { (state.observers, state.listeners) = ([:], [:]) }
            return (
                Array(state.observers.values), state.failure, state.queue.reduce(0) { $0 + $1.last - $1.sequence + 1 }
            )
        }
        for observer in observers { observer.finish() }
        if !isWritten, let failure {
            logger.error("\(left) events could not be written and are lost")
            throw failure
        }
        do {
            try log.close()
        } catch {
            // Every event is in it: but for a power cut, the next run goes on as if it had been closed.
            logger.warning("no event is lost, but the log could not be closed: \(error)")
        }
    }
}

extension EventHub.State {
    fileprivate mutating func takeProbes() -> [@Sendable () -> Void] {
        defer { probes = [] }
        return probes
    }

    /// False where nothing is to be committed.
    fileprivate mutating func accept(_ event: Event, capacity: Int, time: UTC) -> Bool {
        guard !isClosed else { return false }
        if let stream = event.stream, let state = event.state {
            streams[stream, default: StreamStatus(stream: stream)].state = state
        }
        if let stream = event.stream, let session = event.session {
            sessions[stream] = max(session, sessions[stream] ?? 0)
        }
        guard queue.count < capacity else {
            lose(.overload, time: time)
            return true
        }
        let record = LogRecord(event, numbering: &numbering, time: time)
        if record.line.utf8.count > EventHub.maximumLineBytes {
            lost += 1
            let number = record.sequence
            queue.append(LogRecord(lost: number...number, cause: .tooLong, epoch: numbering.epoch, time: time))
        } else {
            queue.append(record)
        }
        return true
    }

    /// Uses up a number; a run of losses is one record.
    private mutating func lose(_ cause: LossCause, time: UTC) {
        let number = numbering.skip()
        var first = number
        if let last = queue.last, last.name == .logLost, last.cause == cause {
            first = last.sequence
            queue.removeLast()
        }
        lost += 1
        queue.append(LogRecord(lost: first...number, cause: cause, epoch: numbering.epoch, time: time))
    }
}

/// What is known of a stream.
package struct StreamStatus: Sendable, Hashable {
    package var stream: String
    package var state: StreamState?
    package var tokenizer: TokenizerDescription?
}
