/// What went wrong with one exchange, in the terms that decide what is done about it.
package enum ChatComplaint: Sendable, Hashable {
    /// The prompt does not fit the model's context.
    case contextOverflow
    /// One picture is larger than the server has room for.
    case pictureTooLarge
    /// The body is larger than the server takes, or than allowed here.
    case bodyTooLarge
    case tooManyPictures(allowed: Int)
    case picturesUnsupported
    case videoUnsupported
    case fieldRefused(OptionalField)
    case wrongModel
    case unauthorized(status: Int)
    /// 429, 503: come back later.
    case busy(status: Int, retryAfter: Duration?)
    /// 500, 502, 504 and their like.
    case unavailable(status: Int)
    case redirected(to: String?)
    /// Any other refusal, with the server's words.
    case refused(status: Int, message: String)
    case unreachable(String)
    case timedOut(Stage)
    /// The connection ended before the answer did.
    case cut
    /// The server told of an error in the middle of its answer.
    case failedWhileAnswering(String)
    /// The answer is no chat completion.
    case malformed(String)
    /// 200, and not a word.
    case empty
    /// All tokens were spent on thinking.
    case onlyThinking

    /// What was waited for.
    package enum Stage: String, Sendable, Hashable {
        case connection = "a connection"
        case firstToken = "the first word"
        case nextToken = "the next word"
        case answer = "the end of the answer"
    }
}

/// Fields of a request that not every server knows. Each is left out where a server refuses it.
package enum OptionalField: String, Sendable, Hashable, CaseIterable {
    case chatTemplate = "chat_template_kwargs"
    case reasoningEffort = "reasoning_effort"
    case streamOptions = "stream_options"
    case temperature
    /// Where this name is refused, `max_completion_tokens` takes its place.
    case maximumTokens = "max_tokens"
}
