public import Media

/// What a source is doing.
public struct SourceState: Sendable, Hashable {
    public var kind: StreamState
    /// For people; never shows credentials.
    public var reason: String
    /// Tries since the source last worked, this one included.
    public var attempt: Int
    public var nextRetry: Duration?
    public var since: UTC

    public init(
        kind: StreamState, reason: String, attempt: Int = 1, nextRetry: Duration? = nil, since: UTC
    ) {
        self.kind = kind
        self.reason = reason
        self.attempt = attempt
        self.nextRetry = nextRetry
        self.since = since
    }
}
