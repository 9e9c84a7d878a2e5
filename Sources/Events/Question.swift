/// A question about a stream, as a consumer asks it with its `ask` line.
public struct Question: Sendable, Hashable {
    public static let maximumCharacters = 2_000

    public var stream: String
    public var text: String

    public init(stream: String, text: String) {
        self.stream = stream
        self.text = text
    }

    /// The line that a client sends, without its newline.
    package var line: String {
        JSONObject {
            $0.add(
                "ask",
                JSONObject {
                    $0.add("stream", stream)
                    $0.add("question", text)
                })
        }.text
    }
}

/// Takes a question and gives the id of the `answer` to come.
public typealias QuestionTaker = @Sendable (Question) throws(QuestionRefused) -> String

/// Why a question is not taken.
public struct QuestionRefused: Error, Hashable {
    public var reason: String

    public init(_ reason: String) {
        self.reason = reason
    }
}

extension Question {
    init(_ value: JSONValue) throws(RequestError) {
        guard case .object(let fields) = value else {
            throw RequestError("ask", #"must be an object with "stream" and "question""#)
        }
        if let unknown = fields.keys.sorted().first(where: { !["stream", "question"].contains($0) }) {
            throw RequestError("ask.\(unknown)", "unknown field; allowed are stream, question")
        }
        guard let stream = fields["stream"]?.string, !stream.isEmpty else {
            throw RequestError("ask.stream", "must be the name of a stream")
        }
        guard let text = fields["question"]?.string, !text.allSatisfy(\.isWhitespace),
            text.count <= Self.maximumCharacters
        else {
            throw RequestError("ask.question", "must be a text of at most \(Self.maximumCharacters) characters")
        }
        self.init(stream: stream, text: text)
    }
}
