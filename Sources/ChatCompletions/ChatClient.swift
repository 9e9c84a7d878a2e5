internal import AsyncHTTPClient
package import Logging
internal import NIOCore
internal import Synchronization

/// Asks one server for many streams: they take turns, share its budget and what was learnt of it. Safe to use from anywhere.
///
/// `shutdown` must be called before the last reference goes.
package final class ChatClient: Sendable {
    private struct State {
        var recovery: ChatRecovery
        var model: String?
        var kind = ServerKind.other
        /// It has answered once; from then on it has its model loaded.
        var hasAnswered = false
        var isClosed = false
    }

    /// More than any server has to teach about one request.
    private static let maximumAttempts = 20

    package let server: ChatServer
    let http: HTTPClient
    private let logger: Logger
    private let admission: ChatAdmission
    private let state: Mutex<State>

    /// - Throws: `ChatFailure.Kind.badSetting`.
    package init(server: ChatServer, logger: Logger) throws(ChatFailure) {
        try server.validate()
        self.server = server
        self.logger = logger
        admission = ChatAdmission(server.budget)
        state = Mutex(State(recovery: Self.recovery(server, model: server.model), model: server.model))
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: TimeAmount(server.limits.connect))
        // Another host must not get the key, nor pictures.
        configuration.redirectConfiguration = .disallow
        // A connection that fails is told at once; when to try again is decided here.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, server.budget.concurrency)
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends what is under way, and closes the connections.
    package func shutdown() async {
        state.withLock { $0.isClosed = true }
        do {
            try await http.shutdown()
        } catch {
            logger.debug("\(server): closing its connections: \(server.masked("\(error)"))")
        }
    }

    /// Asks, when the stream's turn has come.
    ///
    /// - Parameters:
    ///   - stream: whose turn it takes. A newer request of the same stream takes the place of one that waits.
    ///   - request: is called when the turn has come, so that pictures are the newest, and once more where an answer breaks off.
    ///   - progress: is called in order, and must not block.
    /// - Throws: `ChatFailure`, `CancellationError`, and what `request` and the making of its pictures throw.
    package func complete(
        stream: String, request: @escaping @Sendable () async throws -> ChatRequest,
        progress: @escaping @Sendable (ChatProgress) -> Void = { _ in }
    ) async throws -> ChatResult {
        _ = try state.withLock { state throws(ChatFailure) in try state.recovery.plan(at: .now) }
        // Pictures are not yet known; what the largest request takes is what must be left.
        let ticket = try await admission.enter(stream: stream, tokens: largestEstimate)
        var tokens: Int? = 0
        defer { admission.end(ticket, tokens: tokens) }
        let model = try await modelName()
        // The server may have become busy while the stream waited: then no picture is made.
        _ = try state.withLock { state throws(ChatFailure) in try state.recovery.plan(at: .now) }
        var current = try await request()
        for attempt in 1...Self.maximumAttempts {
            try Task.checkCancellation()
            var (plan, kind) = try state.withLock { state throws(ChatFailure) in
                (try state.recovery.plan(at: .now), state.kind)
            }
            plan.hasVideo = plan.hasVideo && current.hasVideo
            let body = try await RequestBody(current, server: server, model: model, kind: kind, plan: plan)
            let estimate = current.estimatedTokens(
                pictures: body.pictures, longSide: plan.longSide, answer: current.maximumTokens ?? server.maximumTokens)
            if attempt > 1 { admission.sentAgain(ticket, tokens: 0) }
            let start = ContinuousClock.now
            progress(.sent)
            let (outcome, firstToken) = try await exchange(body, progress: progress)
            switch outcome {
            case .answered(let answer):
                tokens = (tokens ?? 0) + (answer.usage?.total ?? estimate)
                return succeed(answer, model: model, pictures: body.pictures, start: start, firstToken: firstToken)
            case .failed(let complaint, let partial):
                if state.withLock({ $0.isClosed }) {
                    throw ChatFailure(.closed, "\(server): closed", isPermanent: true)
                }
                // Whatever was read by the model is paid for.
                if firstToken != nil { tokens = (tokens ?? 0) + estimate }
                switch learn(complaint, plan: plan, pictures: body.pictures, partial: partial) {
                case .again(let notice): if let notice { tell(notice, progress) }
                case .againWithNewest:
                    tell(.askedAgain, progress)
                    current = try await request()
                case .failed(var failure):
                    if failure.kind == .wrongModel { failure.description += await modelsThere() }
                    failure.description = server.masked(failure.description)
                    throw failure
                }
            }
        }
        throw ChatFailure(.refused, "\(server): refuses whatever is sent. See the server's log.")
    }

    private func exchange(
        _ body: RequestBody, progress: @escaping @Sendable (ChatProgress) -> Void
    ) async throws -> (outcome: ChatStream.Outcome, firstToken: ContinuousClock.Instant?) {
        guard body.bytes.count <= server.limits.requestBytes else { return (.failed(.bodyTooLarge, partial: ""), nil) }
        return try await newExchange.complete(body) { text in
            if !SilenceMarker.mayBegin(text) { progress(.partial(text)) }
        }
    }

    var newExchange: ChatExchange {
        let limits = server.limits
        let hasAnswered = state.withLock { $0.hasAnswered }
        return ChatExchange(
            http: http, server: server, patience: hasAnswered ? limits.firstToken : limits.firstTokenAfterStart)
    }

    private func learn(_ complaint: ChatComplaint, plan: ChatPlan, pictures: Int, partial: String)
        -> ChatRecovery.Verdict
    {
        state.withLock { state in
            // It may have put its model away, and loads it again.
            if complaint == .timedOut(.firstToken) { state.hasAnswered = false }
            return state.recovery.failed(
                complaint, used: plan, pictures: pictures, partial: partial, now: .now, jitter: Double.random(in: 0..<1)
            )
        }
    }

    private func succeed(
        _ answer: ChatAnswer, model: String, pictures: Int, start: ContinuousClock.Instant,
        firstToken: ContinuousClock.Instant?
    ) -> ChatResult {
        state.withLock { state in
            state.recovery.succeeded()
            state.hasAnswered = true
        }
        return ChatResult(
            text: answer.text, finish: answer.finish, usage: answer.usage, model: answer.model ?? model,
            pictures: pictures,
            sentAt: start, firstTokenAt: firstToken, endedAt: .now)
    }

    private func tell(_ notice: ChatNotice, _ progress: @Sendable (ChatProgress) -> Void) {
        logger.notice("\(server): \(notice)")
        progress(.notice(notice))
    }

    /// The name to send: the configured one, or the first that the server lists.
    private func modelName() async throws -> String {
        if let name = state.withLock({ $0.model }) { return name }
        switch try await newExchange.get(server.address.base + "/models") {
        case .found(let json):
            guard let first = ModelList(json).models.first else {
                throw ChatFailure(
                    .wrongModel, "\(server) lists no model. Load one, or name one.", retryAt: .now + .seconds(8))
            }
            remember(model: first.id, kind: first.kind)
            return first.id
        case .failed(let complaint):
            let plan = ChatPlan(pictures: 0, longSide: 0, hasVideo: false)
            guard case .failed(let failure) = learn(complaint, plan: plan, pictures: 0, partial: "") else {
                throw ChatFailure(.unreachable, "\(server) broke off. See the server's log.")
            }
            throw failure
        }
    }

    /// What the start has found out.
    func remember(model: String, kind: ServerKind) {
        state.withLock { state in
            state.model = model
            state.kind = kind
        }
    }

    func rememberAnswer() {
        state.withLock { $0.hasAnswered = true }
    }

    func rememberTextOnly() {
        state.withLock { $0.recovery.takesNoPictures() }
    }

    func rememberRefused(_ fields: Set<OptionalField>) {
        state.withLock { $0.recovery.leaveOut(fields) }
    }

    /// For the end of a sentence about a model that is not there.
    func modelsThere() async -> String {
        guard case .found(let json)? = try? await newExchange.get(server.address.base + "/models") else { return "" }
        return ModelList(json).sentence
    }

    private var largestEstimate: Int {
        let limits = server.limits
        return limits.pictures * (limits.longSide / 28) * (limits.longSide * 9 / 16 / 28) + 200 + server.maximumTokens
    }

    static func recovery(_ server: ChatServer, model: String?) -> ChatRecovery {
        ChatRecovery(
            place: server.address.description, model: model, pictures: server.limits.pictures,
            longSide: server.limits.longSide, hasVideo: server.video != .none)
    }
}
