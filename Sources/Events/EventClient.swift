internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Connects to a daemon's events socket.
public struct EventClient: Sendable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// Connects, reads the hello, and closes when `body` is done.
    ///
    /// - Throws: `EventSocketError`, whose description says what to do, and whatever `body` throws.
    public func withConnection<Result: Sendable>(
        _ body: (inout EventConnection) async throws -> Result
    ) async throws -> Result {
        let channel = try await connect()
        return try await channel.executeThenClose { inbound, outbound in
            var connection = EventConnection(path: path, iterator: inbound.makeAsyncIterator(), outbound: outbound)
            try await connection.readHello()
            return try await body(&connection)
        }
    }

    private func connect() async throws -> NIOAsyncChannel<String, ByteBuffer> {
        do {
            return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            ByteToMessageHandler(LineDecoder(maximumBytes: EventHub.maximumLineBytes)))
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch let error as IOError {
            throw EventSocketError(path: path, message: Self.advice(error))
        } catch {
            throw EventSocketError(path: path, message: "\(error)")
        }
    }

    private static func advice(_ error: IOError) -> String {
        switch error.errnoCode {
        case ENOENT: "no such socket; start videowired, or name the socket of its configuration"
        case EACCES, EPERM: "permission denied; join the group that owns the socket, or ask its operator"
        case ECONNREFUSED: "nobody listens; videowired has ended, start it again"
        default: "\(error)"
        }
    }
}

/// An open connection. Lines come in order; end of file is nil.
public struct EventConnection {
    let path: String
    var iterator: NIOAsyncChannelInboundStream<String>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    /// The `data` of the hello.
    public private(set) var hello: JSONValue = .null
    /// The line of the hello.
    public private(set) var helloLine = ""

    /// Asks for events; replaces what was asked for before. The server answers with a heartbeat that tells where it begins.
    public func subscribe(_ request: SubscribeRequest) async throws {
        try await send(request.line)
    }

    /// Sends a line.
    package func send(_ line: String) async throws {
        try await outbound.write(ByteBuffer(string: line + "\n"))
    }

    /// The next line without its newline; nil after the last one.
    ///
    /// - Throws: `EventSocketError` where the connection broke off, as it does when the server is killed.
    public mutating func next() async throws -> String? {
        do {
            return try await iterator.next()
        } catch let error as IOError {
            throw EventSocketError(
                path: path, message: "the connection broke off: \(String(cString: strerror(error.errnoCode)))")
        }
    }

    mutating func readHello() async throws {
        guard let line = try await next(), let event = JSONValue(line) else {
            throw EventSocketError(path: path, message: "closed without a word; is it videowired's events socket?")
        }
        if event["type"]?.string == EventName.error.type, let message = event["data"]?["message"]?.string {
            throw EventSocketError(path: path, message: message)
        }
        guard event["type"]?.string == EventName.hello.type, let data = event["data"] else {
            throw EventSocketError(path: path, message: "did not begin with a hello; is it videowired's events socket?")
        }
        (hello, helloLine) = (data, line)
    }
}
