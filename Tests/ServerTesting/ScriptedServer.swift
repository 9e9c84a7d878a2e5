internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// A server on loopback that answers each request as a script says, byte by byte: real HTTP/1.1, with all that can go wrong with it.
/// It needs nothing but NIO and Foundation.
package final class ScriptedServer: Sendable {
    package struct Request: Sendable {
        package var method: String
        package var path: String
        /// By their names in lower case.
        package var headers: [String: String]
        package var body: [UInt8]
        /// How many requests of this path came before it.
        package var index: Int

        /// The members of the body; empty where it is no JSON object.
        package var members: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:]
        }

        /// The parts of the user's message.
        package var parts: [[String: Any]] {
            ((members["messages"] as? [[String: Any]])?.last?["content"] as? [[String: Any]]) ?? []
        }

        /// The text of the user's message, parts joined by newlines.
        package var text: String {
            let content = (members["messages"] as? [[String: Any]])?.last?["content"]
            return content as? String ?? parts.compactMap { $0["text"] as? String }.joined(separator: "\n")
        }

        /// JPEG pictures of the user's message.
        package var pictures: [[UInt8]] { files("image_url", "image/jpeg") }

        /// The files of its `video_url` parts.
        package var videos: [[UInt8]] { files("video_url", "video/mp4") }

        private func files(_ part: String, _ type: String) -> [[UInt8]] {
            parts.compactMap {
                guard let url = ($0[part] as? [String: Any])?["url"] as? String,
                    let comma = url.firstIndex(of: ","), url[..<comma] == "data:\(type);base64"
                else { return nil }
                return Data(base64Encoded: String(url[url.index(after: comma)...])).map { Array($0) }
            }
        }
    }

    package enum Step: Sendable {
        case send([UInt8])
        case pause(Duration)
        /// Nothing more, until the client goes.
        case hold
        /// The same again and again, until the client goes.
        case flood([UInt8])
        /// Until the gate is opened.
        case wait(Gate)
        case close
    }

    package struct Reply: Sendable {
        package var steps: [Step]

        package init(steps: [Step]) {
            self.steps = steps
        }
    }

    /// Lets replies wait for the test.
    package final class Gate: Sendable {
        private let stream: AsyncStream<Never>
        private let continuation: AsyncStream<Never>.Continuation

        package init() {
            (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        }

        package func open() { continuation.finish() }
        package func wait() async { for await _ in stream {} }
    }

    private struct State {
        var requests: [Request] = []
        var abandoned = 0
        var open = 0
        var mostOpen = 0
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>

    package let port: Int
    private let script: @Sendable (Request) -> Reply
    private let state = Mutex(State())

    private init(port: Int, script: @escaping @Sendable (Request) -> Reply) {
        (self.port, self.script) = (port, script)
    }

    package var address: String { "http://127.0.0.1:\(port)" }
    /// In the order of their coming.
    package var requests: [Request] { state.withLock { $0.requests } }
    /// Requests for completions.
    package var completions: [Request] { requests.filter { $0.path.hasSuffix("/chat/completions") } }
    /// Replies that the client did not wait for.
    package var abandoned: Int { state.withLock { $0.abandoned } }
    /// The most replies that were under way at once.
    package var mostAtOnce: Int { state.withLock { $0.mostOpen } }

    /// Serves while `body` runs.
    ///
    /// - Parameter port: 0 for any that is free.
    package static func run<Result: Sendable>(
        port: Int = 0, _ script: @escaping @Sendable (Request) -> Reply,
        _ body: @escaping @Sendable (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        let server = ScriptedServer(port: listener.channel.localAddress?.port ?? 0, script: script)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await listener.executeThenClose { connections in
                    await withDiscardingTaskGroup { group in
                        do {
                            for try await connection in connections { group.addTask { await server.serve(connection) } }
                        } catch {}
                        group.cancelAll()
                    }
                }
                return nil
            }
            group.addTask { try await body(server) }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw CancellationError()
        }
    }

    /// Clients that break off are part of the script.
    private func serve(_ connection: Connection) async {
        try? await connection.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            while let request = try await next(&parts) {
                state.withLock { state in
                    state.open += 1
                    state.mostOpen = max(state.mostOpen, state.open)
                }
                defer { state.withLock { $0.open -= 1 } }
                do {
                    guard try await play(script(request), &parts, outbound) else { return }
                } catch {
                    state.withLock { $0.abandoned += 1 }
                    throw error
                }
            }
        }
    }

    private func next(
        _ parts: inout NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    ) async throws -> Request? {
        var request: Request?
        while let part = try await parts.next() {
            switch part {
            case .head(let head):
                let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
                request = Request(method: head.method.rawValue, path: head.uri, headers: headers, body: [], index: 0)
            case .body(let buffer): request?.body += buffer.readableBytesView
            case .end:
                guard var complete = request else { return nil }
                return state.withLock { state in
                    complete.index = state.requests.count { $0.path == complete.path }
                    state.requests.append(complete)
                    return complete
                }
            }
        }
        return nil
    }

    /// - Returns: whether the connection stays open.
    private func play(
        _ reply: Reply, _ parts: inout NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> Bool {
        for step in reply.steps {
            switch step {
            case .send(let bytes): try await outbound.write(ByteBuffer(bytes: bytes))
            case .pause(let time): try await Task.sleep(for: time)
            case .wait(let gate): await gate.wait()
            case .hold:
                while try await parts.next() != nil {}
                state.withLock { $0.abandoned += 1 }
                return false
            case .flood(let bytes): while true { try await outbound.write(ByteBuffer(bytes: bytes)) }
            case .close: return false
            }
        }
        return true
    }
}

extension ScriptedServer.Reply {
    /// A reply with a length.
    package static func json(_ body: String, status: Int = 200, headers: [String: String] = [:]) -> Self {
        let fields = ["Content-Type": "application/json", "Content-Length": "\(body.utf8.count)"]
        return Self(steps: [.send(head(status, fields.merging(headers) { $1 }) + Array(body.utf8))])
    }

    /// An event stream in these pieces, each a chunk of its own.
    package static func events(_ pieces: [[UInt8]], ends: Bool = true) -> Self {
        Self(
            steps: [.send(eventHead)] + pieces.map { .send(chunk($0)) } + (ends ? [.send(lastChunk)] : []))
    }

    /// An answer as servers stream it: word by word, then why it ended, what it took, and `[DONE]`.
    package static func answer(_ text: String, model: String = "toy-vl", finish: String = "stop") -> Self {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        let deltas = words.indices.map { delta($0 == 0 ? String(words[0]) : " " + words[$0], model: model) }
        return events((deltas + [last(finish), usage(words.count), done]).map { Array($0.utf8) })
    }

    package static let eventHead = head(200, ["Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"])
    package static let lastChunk = Array("0\r\n\r\n".utf8)
    package static let done = "data: [DONE]\n\n"

    package static func head(_ status: Int, _ fields: [String: String]) -> [UInt8] {
        let lines = ["HTTP/1.1 \(status) Scripted"] + fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
    }

    package static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
    }

    package static func delta(_ text: String, model: String = "toy-vl", field: String = "content") -> String {
        event([
            "model": model,
            "choices": [["index": 0, "delta": [field: text], "finish_reason": NSNull()] as [String: Any]],
        ])
    }

    package static func last(_ reason: String) -> String {
        event(["choices": [["index": 0, "delta": [String: Any](), "finish_reason": reason] as [String: Any]]])
    }

    package static func usage(_ completion: Int, prompt: Int = 100) -> String {
        event(["choices": [Any](), "usage": ["prompt_tokens": prompt, "completion_tokens": completion]])
    }

    package static func event(_ members: [String: Any]) -> String {
        "data: \(json(members))\n\n"
    }

    package static func json(_ members: [String: Any]) -> String {
        (try? JSONSerialization.data(withJSONObject: members, options: [.sortedKeys])).map {
            String(decoding: $0, as: UTF8.self)
        }
            ?? "{}"
    }

    /// A list of models.
    package static func models(_ names: [String], owner: String = "scripted") -> Self {
        json(json(["object": "list", "data": names.map { ["id": $0, "object": "model", "owned_by": owner] }]))
    }
}
