public import Logging
internal import NIOCore
internal import NIOPosix
public import ServiceLifecycle
internal import Synchronization

/// Serves a hub's events to any number of consumers on a Unix socket; docs/events.md describes the protocol.
///
/// Consumers pull from the log, each with its own cursor: a slow one delays nobody.
public final class EventServer: Service, Sendable {
    public struct Settings: Sendable, Hashable {
        /// Where the socket file is made.
        public var path: String
        /// A socket that listens already (socket activation): taken instead of making one; `path`, `mode` and `group` are its maker's.
        public var inherited: CInt?
        /// Permission bits of the socket file; connecting needs the write bit.
        public var mode: UInt32 = 0o660
        /// The group that the file is given to; nil leaves the process's.
        public var group: String?
        /// Users and (primary) groups that may connect, by SO_PEERCRED; where both are empty, all that `mode` lets in.
        public var allowedUsers: Set<UInt32> = []
        public var allowedGroups: Set<UInt32> = []
        /// Time between heartbeats.
        public var heartbeat: Duration = .seconds(10)
        /// How long a shutdown waits for consumers to read what is left.
        public var drain: Duration = .seconds(2)
        /// Told in the hello, e.g. `videowire 0.1.0`.
        public var version: String

        public init(path: String, version: String) {
            self.path = path
            self.version = version
        }

        func admits(uid: UInt32, gid: UInt32) -> Bool {
            (allowedUsers.isEmpty && allowedGroups.isEmpty) || allowedUsers.contains(uid) || allowedGroups.contains(gid)
        }
    }

    /// The longest line accepted from a client.
    static let maximumRequestBytes = 64 << 10
    /// Further clients are closed at once, so that they cannot take all of the process's descriptors.
    static let maximumConnections = 256

    private let hub: EventHub
    private let settings: Mutex<Settings>
    private let logger: Logger
    private let onServing: @Sendable (String) -> Void
    private let onQuestion: QuestionTaker
    private let connections = Mutex<[ObjectIdentifier: Connection]>([:])

    private struct Connection: Sendable {
        let channel: any Channel
        let handler: NIOLoopBound<SubscriberHandler>

        func execute(_ body: @escaping @Sendable (SubscriberHandler) -> Void) {
            channel.eventLoop.execute { body(handler.value) }
        }
    }

    /// - Parameters:
    ///   - onServing: called once with the socket's path, when consumers can connect.
    ///   - onQuestion: takes the questions of consumers, on threads of the server; must not block.
    public init(
        hub: EventHub, settings: Settings, logger: Logger,
        onServing: @escaping @Sendable (String) -> Void = { _ in },
        onQuestion: @escaping QuestionTaker = { _ throws(QuestionRefused) in
            throw QuestionRefused("nobody answers questions here")
        }
    ) {
        self.onQuestion = onQuestion
        self.hub = hub
        self.settings = Mutex(settings)
        self.logger = logger
        self.onServing = onServing
    }

    /// How many consumers are connected.
    public var connectionCount: Int { connections.withLock { $0.count } }

    /// Changes who may connect and how often a heartbeat comes, for connections from now on.
    public func update(allowedUsers: Set<UInt32>, allowedGroups: Set<UInt32>, heartbeat: Duration) {
        settings.withLock { settings in
            settings.allowedUsers = allowedUsers
            settings.allowedGroups = allowedGroups
            settings.heartbeat = heartbeat
        }
    }

    /// Calls back when every event loop has turned.
    public func probe(_ answer: @escaping @Sendable () -> Void) {
        let loops = Array(MultiThreadedEventLoopGroup.singleton.makeIterator())
        EventLoopFuture.andAllComplete(loops.map { $0.submit {} }, on: loops[0]).whenComplete { _ in answer() }
    }

    /// Serves until shut down; then delivers what consumers take within `drain`, and removes the socket file.
    ///
    /// - Throws: `EventSocketError` where the socket cannot be made.
    public func run() async throws {
        let settings = settings.withLock { $0 }
        let socket =
            if let inherited = settings.inherited {
                try UnixSocket(inherited: inherited)
            } else {
                try UnixSocket(listeningAt: settings.path, mode: settings.mode, group: settings.group)
            }
        defer { socket.unlink() }
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try self.add(channel) } }
            .withBoundSocket(socket.descriptor).get()
        logger.info("serving events", metadata: ["socket": "\(socket.path)"])
        onServing(socket.path)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await newest in self.hub.commits() { self.tell { $0.logAdvanced(to: newest) } }
            }
            group.addTask {
                for await event in self.hub.told() { self.tell { $0.told(event) } }
            }
            try? await gracefulShutdown()
            try? await listener.close()
            await drain(limit: Task.isCancelled ? .zero : settings.drain)
            group.cancelAll()
        }
    }

    private func add(_ channel: any Channel) throws {
        let key = ObjectIdentifier(channel)
        let handler = SubscriberHandler(hub: hub, settings: settings.withLock { $0 }, onQuestion: onQuestion)
        let connection = Connection(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
        let isFull = connections.withLock { connections in
            guard connections.count < Self.maximumConnections else { return true }
            connections[key] = connection
            return false
        }
        if isFull {
            logger.warning("a consumer is turned away: \(Self.maximumConnections) are connected")
            throw ChannelError.operationUnsupported
        }
        channel.closeFuture.whenComplete { _ in self.connections.withLock { $0[key] = nil } }
        try channel.pipeline.syncOperations.addHandlers(
            ByteToMessageHandler(LineDecoder(maximumBytes: Self.maximumRequestBytes)), handler)
    }

    private func tell(_ body: @escaping @Sendable (SubscriberHandler) -> Void) {
        for connection in connections.withLock({ Array($0.values) }) { connection.execute(body) }
    }

    private func drain(limit: Duration) async {
        let newest = hub.status.accepted
        let limit = TimeAmount(limit)
        tell { $0.drain(to: newest, limit: limit) }
        for connection in connections.withLock({ Array($0.values) }) {
            try? await connection.channel.closeFuture.get()
        }
    }
}
