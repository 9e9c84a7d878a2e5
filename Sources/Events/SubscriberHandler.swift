internal import Glibc
internal import Logging
internal import Media
internal import NIOCore

/// A connection: performs what `SubscriberStateMachine` decides. Lives on its channel's event loop; the log is read on
/// the database's threads.
final class SubscriberHandler: ChannelDuplexHandler {
    typealias InboundIn = String
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let hub: EventHub
    private let settings: EventServer.Settings
    private let onQuestion: QuestionTaker
    private let id = ULID.make()
    private var context: ChannelHandlerContext?
    /// Nil until the client is let in.
    private var machine: SubscriberStateMachine?
    private var linesSaid = 0
    private var isReadHeldBack = false
    private var isProceeding = false
    private var nextBeat: Scheduled<Void>?

    init(hub: EventHub, settings: EventServer.Settings, onQuestion: @escaping QuestionTaker) {
        self.hub = hub
        self.settings = settings
        self.onQuestion = onQuestion
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        nextBeat?.cancel()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        peer(context).and(greeting(context)).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let (peer, oldest)) where self.settings.admits(uid: peer.uid, gid: peer.gid):
                self.admit(oldest: oldest)
            case .success(let (peer, _)):
                self.refuse("not-allowed", "user \(peer.uid) with group \(peer.gid) is not on the server's list")
            case .failure(let error):
                self.refuse("log-unreadable", "\(error)")
            }
        }
    }

    /// Lines are taken only while the client takes what it has asked for: bounds what it can make the server hold.
    func read(context: ChannelHandlerContext) {
        if machine != nil, context.channel.isWritable {
            context.read()
        } else {
            isReadHeldBack = true
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        logAdvanced(to: hub.log.newest)
        handle(.line(unwrapInboundIn(data)))
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading()
        proceed()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? LineTooLong {
            refuse("line-too-long", "\(error)")
        } else {
            context.close(promise: nil)
        }
    }

    func logAdvanced(to newest: UInt64) {
        handle(.logAdvanced(to: newest))
    }

    /// Passes on an event that is not in the log.
    func told(_ event: Event) {
        guard let context else { return }
        handle(.told(event, isWritable: context.channel.isWritable))
    }

    /// Delivers up to a number, then closes; closes in any case after `limit`.
    func drain(to newest: UInt64, limit: TimeAmount) {
        guard let context else { return }
        if machine == nil { return context.close(promise: nil) }
        closeLater(context, after: limit)
        handle(.drain(to: newest))
    }

    private func admit(oldest: UInt64) {
        guard let context else { return }
        let newest = hub.log.newest
        machine = SubscriberStateMachine(epochs: hub.log.epochs, newest: newest)
        say(.hello(newest: newest, oldest: oldest, server: settings.version, streams: hub.streams))
        scheduleBeat(context)
        resumeReading()
    }

    private func scheduleBeat(_ context: ChannelHandlerContext) {
        nextBeat = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(settings.heartbeat)) {
            guard let context = self.context else { return }
            self.handle(.beat(isWritable: context.channel.isWritable, streams: self.hub.streams))
            self.scheduleBeat(context)
        }
    }

    private func refuse(_ code: String, _ message: String) {
        say(.failure(code, message))
        closeWhenSent()
    }

    private func handle(_ input: SubscriberStateMachine.Input) {
        guard let actions = machine?.handle(input, now: monotonicMilliseconds()) else { return }
        perform(actions)
        proceed()
    }

    /// Goes on until there is nothing to do, or something to wait for. Sending changes the writability, which calls this
    /// again: the outer call goes on then.
    private func proceed() {
        guard !isProceeding else { return }
        isProceeding = true
        defer { isProceeding = false }
        while let context,
            let actions = machine?.handle(
                .proceed(isWritable: context.channel.isWritable), now: monotonicMilliseconds()),
            !actions.isEmpty
        {
            perform(actions)
        }
    }

    private func perform(_ actions: [SubscriberStateMachine.Action]) {
        for action in actions {
            switch action {
            case .say(let event): say(event)
            case .forward(let lines): send(lines)
            case .read(let cursor, let filter, let request): read(after: cursor, filter, request)
            case .locate(let time, let request): locate(time, request)
            case .ask(let question): take(question)
            case .close: closeWhenSent()
            }
        }
    }

    private func take(_ question: Question) {
        do throws(QuestionRefused) {
            say(.asked(id: try onQuestion(question)))
        } catch {
            say(.failure("not-answered", error.reason))
        }
    }

    private func say(_ event: Event) {
        linesSaid += 1
        let epoch = hub.log.epoch
        send([EventNumbering.envelope(event, id: "\(epoch)/\(id)/\(linesSaid)", epoch: epoch, time: .now())])
    }

    private func send(_ lines: [String]) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: lines.reduce(0) { $0 + $1.utf8.count + 1 })
        for line in lines {
            buffer.writeString(line)
            buffer.writeInteger(UInt8(ascii: "\n"))
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private func read(after cursor: UInt64, _ filter: EventFilter, _ request: Int) {
        let log = hub.log
        if let page = log.tailPage(after: cursor, filter: filter) {
            perform(machine?.handle(.page(page, request: request), now: monotonicMilliseconds()) ?? [])
        } else {
            ask {
                try await log.page(after: cursor, filter: filter)
            } then: {
                .page($0, request: request)
            }
        }
    }

    private func locate(_ time: UTC, _ request: Int) {
        let log = hub.log
        ask {
            try await log.cursor(at: time)
        } then: {
            .located(cursor: $0, request: request)
        }
    }

    private func ask<Answer: Sendable>(
        _ question: @escaping @Sendable () async throws -> Answer,
        then input: @escaping (Answer) -> SubscriberStateMachine.Input
    ) {
        guard let context else { return }
        let future = context.eventLoop.makeFutureWithTask(question)
        future.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let answer): self.handle(input(answer))
            case .failure(let error): self.handle(.unreadable("\(error)"))
            }
        }
    }

    private func resumeReading() {
        guard isReadHeldBack, machine != nil, let context, context.channel.isWritable else { return }
        isReadHeldBack = false
        context.read()
    }

    private func closeWhenSent() {
        guard let context else { return }
        // A client that does not read would keep the connection open for ever.
        closeLater(context, after: .seconds(5))
        let sent = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
    }

    private func closeLater(_ context: ChannelHandlerContext, after delay: TimeAmount) {
        context.eventLoop.assumeIsolated().scheduleTask(in: delay) { self.context?.close(promise: nil) }
    }

    private func greeting(_ context: ChannelHandlerContext) -> EventLoopFuture<UInt64> {
        let log = hub.log
        return context.eventLoop.makeFutureWithTask { try await log.oldest() }
    }

    private func peer(_ context: ChannelHandlerContext) -> EventLoopFuture<PeerCredentials> {
        guard let options = context.channel as? any SocketOptionProvider else {
            return context.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        return options.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
    }
}

/// Who connected; same memory layout as `struct ucred` of unix(7).
private struct PeerCredentials: BitwiseCopyable, Sendable {
    var pid: Int32
    var uid: UInt32
    var gid: UInt32
}
