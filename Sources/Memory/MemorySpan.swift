public import Media

/// One end of what a slot remembers.
public struct MemoryPoint: Sendable, Hashable {
    public var session: Int
    /// Index in the session: of the first clip at a span's start, of the last one at its end.
    public var clip: Int
    /// In the session's media time.
    public var time: MediaTime
    /// When it was taken; nil where that is not known.
    public var utc: UTC?
    public var position: MemoryTime

    public init(session: Int, clip: Int, time: MediaTime, utc: UTC?, position: MemoryTime) {
        self.session = session
        self.clip = clip
        self.time = time
        self.utc = utc
        self.position = position
    }
}

/// From the start of a clip to the end of the same or a later one, gaps between them included.
public struct MemorySpan: Sendable, Hashable {
    public var start: MemoryPoint
    public var end: MemoryPoint

    public init(start: MemoryPoint, end: MemoryPoint) {
        self.start = start
        self.end = end
    }
}
