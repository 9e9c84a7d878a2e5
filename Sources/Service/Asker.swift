internal import Events
internal import Glibc
internal import Media

/// The work of `videowire ask`: a question to a running daemon, its answer on standard output.
public enum Asker {
    /// Returns when the answer is printed.
    ///
    /// - Parameters:
    ///   - json: the `answer` event as it is.
    ///   - seconds: how long to wait for it.
    /// - Throws: `EventSocketError`, `Watcher.Refused`, `NoAnswer`, `FileOutput.Failure`.
    public static func run(stream: String, question: String, socket: String, json: Bool, seconds: Int) async throws {
        let line = try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask { try await ask(Question(stream: stream, text: question), socket: socket) }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let line else {
            throw NoAnswer(
                description: "no answer came in \(seconds) s; it will be an event all the same (videowire watch)")
        }
        let data = JSONValue(line)?["data"] ?? .null
        if let reason = data["reason"]?.string { throw NoAnswer(description: "\(stream): \(reason)") }
        var output = FileOutput()
        try output.write(((json ? line : data["text"]?.string ?? "") + "\n").utf8)
        try output.flush()
    }

    /// Why there is none.
    struct NoAnswer: Error, CustomStringConvertible {
        var description: String
    }

    private static func ask(_ question: Question, socket: String) async throws -> String {
        try await EventClient(path: socket).withConnection { connection in
            try await connection.subscribe(
                SubscribeRequest(streams: [question.stream], types: [EventName.answer.rawValue]))
            try await connection.send(question.line)
            var id: String?
            // The answer may be there before the word that the question was taken.
            var answers: [String: String] = [:]
            while let line = try await connection.next() {
                if let refused = Watcher.Refused(line) { throw refused }
                guard let event = JSONValue(line), let type = event["type"]?.string else { continue }
                let told = event["data"]?["id"]?.string
                if type == EventName.asked.type { id = told }
                if type == EventName.answer.type, let told { answers[told] = line }
                if let id, let answer = answers[id] { return answer }
            }
            throw NoAnswer(description: "\(socket): the daemon has gone before it answered")
        }
    }
}
