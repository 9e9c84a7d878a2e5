/// The names of events. CloudEvents' `type` is `io.videowire.` + name + `.v1`; filters match the name.
public enum EventName: String, Sendable, Hashable, CaseIterable {
    case streamState = "stream.state"
    case streamGap = "stream.gap"
    case clipTokens = "clip.tokens"
    case clipSkipped = "clip.skipped"
    case captionPartial = "caption.partial"
    case captionFinal = "caption.final"
    case captionSkipped = "caption.skipped"
    case answer
    case logLost = "log.lost"
    case heartbeat
    case error
    case hello
    case pong
    case asked

    /// Logged and numbered; the others belong to one connection.
    public var isDurable: Bool {
        switch self {
        case .streamState, .streamGap, .clipTokens, .clipSkipped, .captionFinal, .captionSkipped, .answer: true
        case .captionPartial, .logLost, .heartbeat, .error, .hello, .pong, .asked: false
        }
    }

    /// CloudEvents' `type`.
    public var type: String { "io.videowire.\(rawValue).v1" }
}
