internal import ChatCompletions
internal import Foundation
internal import Logging
internal import ServerTesting
internal import Synchronization

/// What happened while an answer was awaited, in order.
final class Heard: Sendable {
    private let entries = Mutex<[ChatProgress]>([])

    var all: [ChatProgress] { entries.withLock { $0 } }
    var partials: [String] { all.compactMap { if case .partial(let text) = $0 { text } else { nil } } }
    var notices: [ChatNotice] { all.compactMap { if case .notice(let notice) = $0 { notice } else { nil } } }

    func add(_ progress: ChatProgress) { entries.withLock { $0.append(progress) } }
}

/// Runs a client against a script for completions.
func withChat<Result: Sendable>(
    _ script: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply,
    configure: @escaping @Sendable (inout ChatServer) throws -> Void = { _ in },
    _ body: @escaping @Sendable (ChatClient, ScriptedServer) async throws -> Result
) async throws -> Result {
    try await ScriptedServer.run(script) { scripted in
        let client = try makeClient(scripted.address, configure: configure)
        do {
            let result = try await body(client, scripted)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

/// Limits are far above what loopback needs, so that none is met by chance.
func makeClient(_ address: String, configure: (inout ChatServer) throws -> Void = { _ in }) throws -> ChatClient {
    var server = ChatServer(address: try ChatAddress(address), model: "toy-vl")
    server.limits.firstToken = .seconds(20)
    server.limits.firstTokenAfterStart = .seconds(20)
    try configure(&server)
    return try ChatClient(server: server, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
}

/// A caption of a moment with that many pictures, whose bytes tell their number and size: `picture 2 of side 768`.
func moment(_ pictures: Int = 2) -> ChatRequest {
    CaptionPrompt(
        previous: ("A van parks at the gate.", 12),
        frames: (0..<pictures).map { number in
            ChatFrame(seconds: 13 + Double(number)) { side in Array("picture \(number) of side \(side)".utf8) }
        }, motion: "object, left to right"
    ).request
}

extension ScriptedServer.Request {
    /// The texts of the pictures of `moment`.
    var pictureTexts: [String] { pictures.map { String(decoding: $0, as: UTF8.self) } }
}

extension ChatClient {
    /// The answer to a moment, and what was heard meanwhile.
    func answer(_ pictures: Int = 2, stream: String = "yard") async throws -> (result: ChatResult, heard: Heard) {
        let heard = Heard()
        let result = try await complete(stream: stream, request: { moment(pictures) }, progress: heard.add)
        return (result, heard)
    }

    /// Why a moment got no answer.
    func failure(_ pictures: Int = 2) async throws -> (failure: ChatFailure, heard: Heard) {
        let heard = Heard()
        do {
            let result = try await complete(stream: "yard", request: { moment(pictures) }, progress: heard.add)
            throw Unexpected(description: "answered: \(result)")
        } catch let failure as ChatFailure {
            return (failure, heard)
        }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    var description: String
}
