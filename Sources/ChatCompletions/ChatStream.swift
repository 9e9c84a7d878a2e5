/// Reads the chunks of one streamed answer, or the one object of an answer that is not streamed. Knows the traps: chunks without
/// choices, content that is null, thinking beside and inside the content, errors after 200, ends without `[DONE]`, and answers of
/// no words at all.
struct ChatStream {
    enum Step: Hashable {
        /// All of the text that can be read by now.
        case text(String)
        /// A sign of life without a word to read: the model thinks, or begins.
        case token
        /// Not of the model.
        case nothing
    }

    enum Outcome: Hashable {
        case answered(ChatAnswer)
        case failed(ChatComplaint, partial: String)
    }

    private let maximumTextBytes: Int
    private let sent: Set<OptionalField>
    private var content: [UInt8] = []
    private var shown = ""
    private var hasThought = false
    private var finish: String?
    private var usage: ChatUsage?
    private var model: String?
    private var complaint: ChatComplaint?
    /// What the server said in the middle.
    private var errorWords: String?
    /// There is more text than is kept.
    private(set) var isOverlong = false
    /// Nothing more needs to be read.
    private(set) var isDone = false

    /// - Parameter sent: the optional fields that the request had.
    init(maximumTextBytes: Int, sent: Set<OptionalField>) {
        self.maximumTextBytes = maximumTextBytes
        self.sent = sent
    }

    /// The text that can be read by now.
    var partial: String { shown }

    mutating func handle(_ event: ServerSentEvent) -> Step {
        guard !isDone else { return .nothing }
        if event.data.elementsEqual("[DONE]".utf8) {
            isDone = true
            return .nothing
        }
        guard let chunk = JSONField(event.data), case .object = chunk else {
            end(.malformed("an event holds no JSON object: \(Self.excerpt(event.data))"))
            return .nothing
        }
        if let error = ServerError(chunk) ?? (event.name == "error" ? ServerError(members: chunk) : nil) {
            errorWords = error.line
            end(error.complaint(status: 200, sent: sent))
            return .nothing
        }
        return read(chunk, message: "delta")
    }

    /// The body of an answer that is not streamed.
    mutating func handle(whole body: [UInt8]) -> Step {
        defer { isDone = true }
        guard let answer = JSONField(body), case .object = answer else {
            end(.malformed("the answer holds no JSON object: \(Self.excerpt(body))"))
            return .nothing
        }
        if let error = ServerError(answer) {
            end(error.complaint(status: 200, sent: sent))
            return .nothing
        }
        return read(answer, message: "message")
    }

    /// The answer has ended.
    ///
    /// - Parameter isCut: the connection broke off.
    mutating func end(isCut: Bool) -> Outcome {
        let text = VisibleText.of(content, isWhole: true)
        if let complaint {
            if let errorWords, !text.isEmpty {
                return .answered(ChatAnswer(text: text, finish: .failed(errorWords), usage: usage, model: model))
            }
            return .failed(complaint, partial: text)
        }
        if isOverlong { return .answered(ChatAnswer(text: text, finish: .length, usage: usage, model: model)) }
        // A server that has told why the answer ends has told all of it.
        guard isDone || (finish != nil && !isCut) else {
            return content.isEmpty && !hasThought && !isCut
                ? .failed(.empty, partial: "") : .failed(.cut, partial: text)
        }
        if text.isEmpty, !(finish == "stop" && (usage?.completionTokens ?? 0) > 0) {
            return .failed(hasThought ? .onlyThinking : .empty, partial: "")
        }
        return .answered(ChatAnswer(text: text, finish: reason, usage: usage, model: model))
    }

    private var reason: ChatFinish {
        switch finish {
        case nil, "stop", "eos", "eos_token": .stop
        case "length": .length
        case let other?: .other(other)
        }
    }

    private mutating func end(_ complaint: ChatComplaint) {
        self.complaint = complaint
        isDone = true
    }

    private mutating func read(_ chunk: JSONField, message: String) -> Step {
        if let name = chunk["model"]?.string, !name.isEmpty { model = name }
        usage = ChatUsage(chunk["usage"]) ?? usage
        guard let choice = chunk["choices"]?.array?.first(where: { ($0["index"]?.integer ?? 0) == 0 }) else {
            return .nothing
        }
        if let name = choice["finish_reason"]?.string, !name.isEmpty { finish = name }
        guard let delta = choice[message] else { return .nothing }
        let thought = ["reasoning_content", "reasoning", "thinking"].contains { !(delta[$0]?.string ?? "").isEmpty }
        hasThought = hasThought || thought
        let new = Self.text(of: delta["content"])
        guard !new.isEmpty else { return thought ? .token : .nothing }
        content += new.utf8
        if content.count > maximumTextBytes {
            content.removeLast(content.count - maximumTextBytes)
            (isOverlong, isDone) = (true, true)
        }
        let text = VisibleText.of(content, isWhole: false)
        if text.isEmpty { hasThought = hasThought || content.contains(UInt8(ascii: "<")) }
        guard text != shown else { return .token }
        shown = text
        return .text(text)
    }

    /// Text, or the text parts of a list.
    private static func text(of content: JSONField?) -> String {
        if let text = content?.string { return text }
        return (content?.array ?? []).filter { $0["type"]?.string == "text" }.compactMap { $0["text"]?.string }.joined()
    }

    private static func excerpt(_ bytes: [UInt8]) -> String {
        ServerError(body: Array(bytes.prefix(80))).line
    }
}
