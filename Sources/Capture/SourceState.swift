public import Media

/// What a source is doing.
public struct SourceState: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case connecting
        case live
        /// Connected, but no picture comes; it is about to be connected anew.
        case stalled
        /// Waiting before the next try.
        case backoff
        /// A file was read to its end, and all of it was taken.
        case ended
        /// Cannot work until somebody does something; a live source is tried again all the same.
        case failed
    }

    public var kind: Kind
    /// For people; never shows credentials.
    public var reason: String
    /// Tries since the source last worked, this one included.
    public var attempt: Int
    public var nextRetry: Duration?
    public var since: UTC

    public init(
        kind: Kind, reason: String, attempt: Int = 1, nextRetry: Duration? = nil, since: UTC
    ) {
        self.kind = kind
        self.reason = reason
        self.attempt = attempt
        self.nextRetry = nextRetry
        self.since = since
    }
}
