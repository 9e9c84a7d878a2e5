public import Media

/// What of a clip goes into a bank.
public struct RememberedClip: Sendable, Hashable {
    public var session: Int
    public var index: Int
    public var start: MediaTime
    public var end: MediaTime
    /// When it was taken; nil where that is not known.
    public var utc: ClosedRange<UTC>?
    /// When it is remembered, by this machine's clock.
    public var remembered: UTC
    /// The tokenizer's ids.
    public var key: [Int]
    public var motion: [Int]
    /// Of the key picture: a row a location, a column a channel. All clips of a bank have as many.
    public var features: ClipFeatures

    public init(
        session: Int, index: Int, start: MediaTime, end: MediaTime, utc: ClosedRange<UTC>? = nil, remembered: UTC,
        key: [Int] = [], motion: [Int] = [], features: ClipFeatures
    ) {
        self.session = session
        self.index = index
        self.start = start
        self.end = end
        self.utc = utc
        self.remembered = remembered
        self.key = key
        self.motion = motion
        self.features = features
    }

    public init(_ clip: Clip, tokens: ClipTokens, features: ClipFeatures, remembered: UTC) {
        self.init(
            session: clip.session, index: clip.index, start: clip.start, end: clip.end,
            utc: clip.capture.flatMap { $0.start <= $0.end ? $0.start...$0.end : nil }, remembered: remembered,
            key: tokens.key, motion: tokens.motion, features: features)
    }
}
