/// Why an answer ended.
package enum ChatFinish: Sendable, Hashable {
    /// The model was done.
    case stop
    /// It would have gone on: `max_tokens`, or more text than is kept.
    case length
    /// The server told of an error in the middle; its words.
    case failed(String)
    /// Another `finish_reason`, e.g. `content_filter`.
    case other(String)

    /// The text may end in the middle of a sentence.
    package var isTruncated: Bool { self != .stop }
}

/// What came of an exchange that was answered.
struct ChatAnswer: Hashable {
    var text: String
    var finish: ChatFinish
    var usage: ChatUsage?
    /// What the server calls the model.
    var model: String?
}
