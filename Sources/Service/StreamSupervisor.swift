internal import Events
internal import Logging
internal import Media
internal import ServiceLifecycle
internal import Synchronization
internal import Tokenization

/// Runs the streams of a daemon. A new set of plans starts, stops and starts anew only the streams that it changes.
final class StreamSupervisor: Service {
    private enum Command: Sendable {
        case apply([StreamPlan])
        case probe(@Sendable () -> Void)
    }

    private let hub: EventHub
    private let tokenizers: Tokenizers
    private let memories: MemoryKeeper
    private let captionServer: CaptionServer?
    private let logger: Logger
    private let running = Mutex<[String: RunningStream]>([:])
    private let commands: AsyncStream<Command>
    private let inbox: AsyncStream<Command>.Continuation

    init(
        hub: EventHub, tokenizers: Tokenizers = Tokenizers(), memories: MemoryKeeper,
        captionServer: CaptionServer? = nil, logger: Logger
    ) {
        self.hub = hub
        self.tokenizers = tokenizers
        self.memories = memories
        self.captionServer = captionServer
        self.logger = logger
        (commands, inbox) = AsyncStream.makeStream()
    }

    /// Makes the streams those of the plans, soon. A file that has ended stays ended; a stream that failed is tried again. Any
    /// thread.
    func apply(_ plans: [StreamPlan]) {
        inbox.yield(.apply(plans))
    }

    /// Takes a question about a stream; the id is that of its `answer`. Any thread.
    func take(_ question: Question) throws(QuestionRefused) -> String {
        guard let stream = running.withLock({ $0[question.stream] }), !stream.hasFailed else {
            let names = running.withLock { $0.keys.sorted() }.joined(separator: ", ")
            throw QuestionRefused("there is no stream \(question.stream); there are: \(names)")
        }
        let id = ULID.make()
        try stream.take(question.text, id: id)
        return id
    }

    /// Calls back when the supervisor has turned.
    func probe(_ answer: @escaping @Sendable () -> Void) {
        inbox.yield(.probe(answer))
    }

    /// Streams that have missed a time of their own, each with what, and the model that they share. Any thread.
    var delays: [String] {
        running.withLock { $0.values.compactMap(\.delay) }.sorted() + [tokenizers.delay].compactMap(\.self)
    }

    /// Runs until shut down; everything that the streams have taken in is published by then.
    func run() async throws {
        await withGracefulShutdownHandler {
            for await command in commands {
                switch command {
                case .apply(let plans): await change(to: plans)
                case .probe(let answer): answer()
                }
            }
            for stream in running.withLock({ Array($0.values) }) { await stream.stop() }
        } onGracefulShutdown: { [inbox] in
            inbox.finish()
        }
    }

    private func change(to plans: [StreamPlan]) async {
        let wanted = Dictionary(plans.map { ($0.name, $0) }) { first, _ in first }
        let leaving = running.withLock { running in
            running.filter { name, stream in wanted[name] != stream.plan || stream.hasFailed }
        }
        for stream in leaving.values { stream.cancel() }
        for (name, stream) in leaving {
            await stream.stop()
            running.withLock { $0[name] = nil }
            if !stream.hasFailed {
                let reason = wanted[name] == nil ? "no longer in the configuration" : "its configuration has changed"
                hub.publish(.streamState(.ended, stream: name, reason: reason))
            }
            if wanted[name] == nil { hub.forget(stream: name) }
        }
        for plan in plans where running.withLock({ $0[plan.name] == nil }) { start(plan) }
    }

    private func start(_ plan: StreamPlan) {
        guard let tokenizer = tokenizers.tokenizer(for: plan.tokenizer) else {
            return logger.error("stream \(plan.name) is not started: no model is loaded")
        }
        do {
            let lastSession = try hub.lastSession(stream: plan.name) ?? 0
            hub.describe(stream: plan.name, tokenizer: tokenizer.description)
            let stream = RunningStream(
                plan,
                service: StreamService(
                    plan, lastSession: lastSession, tokenizer: tokenizer,
                    memory: memories.open(stream: plan.name, tokenizer: tokenizer, limits: plan.memory),
                    captionServer: captionServer, logger: logger,
                    publish: { [hub] event in
                        if event.name.isDurable { hub.publish(event) } else { hub.tell(event) }
                    }),
                logger: logger)
            running.withLock { $0[plan.name] = stream }
        } catch {
            logger.error("stream \(plan.name) is not started: \(error)")
        }
    }
}

/// A stream among others: its failure is logged and ends it alone, and its end (a file's) ends nothing else.
private final class RunningStream: Sendable {
    let plan: StreamPlan
    private let service: StreamService
    private let task: Task<Void, Never>
    private let failure: Flag

    private final class Flag: Sendable { let isSet = Mutex(false) }

    init(_ plan: StreamPlan, service: StreamService, logger: Logger) {
        let failure = Flag()
        self.plan = plan
        self.service = service
        self.failure = failure
        task = Task {
            do {
                try await service.run()
                if let warning = plan.source.cutWarning { logger.warning("stream \(plan.name): \(warning)") }
            } catch {
                failure.isSet.withLock { $0 = true }
                logger.error("stream \(plan.name): \(error)")
            }
        }
    }

    var hasFailed: Bool { failure.isSet.withLock { $0 } }
    var delay: String? { service.delay.map { "stream \(plan.name): \($0)" } }

    func cancel() { task.cancel() }

    func take(_ question: String, id: String) throws(QuestionRefused) { try service.take(question, id: id) }

    /// Returns when everything taken in is published.
    func stop() async {
        task.cancel()
        await task.value
    }
}
