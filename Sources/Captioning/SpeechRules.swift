public import Media

/// The limits of `SpeechPolicy`; each is a key of the configuration's `speech` section. All are media time.
public struct SpeechRules: Sendable, Hashable {
    /// Between two captions at least.
    public var gap = MediaTime(seconds: 3)
    /// Before a caption of a cut.
    public var gapBeforeCut = MediaTime(seconds: 1)
    /// How long a trigger waits for the picture that shows it: until what moves has passed its first maximum, and so long at most.
    public var settle = MediaTime(seconds: 0.5)
    /// A trigger that others have followed waits no longer than this in all.
    public var longestSettle = MediaTime(seconds: 1)
    /// While something goes on moving, a caption so long after the last one; zero: none.
    public var whileMoving = MediaTime(seconds: 8)
    /// A picture that has not moved for so long since the session began is described once.
    public var stillAfter = MediaTime(seconds: 4)
    /// A picture of which nothing has been said for so long is described anew; zero: never.
    public var refresh = MediaTime(seconds: 600)
    /// Captions a minute, on the average.
    public var perMinute = 10
    /// Captions that may follow each other faster than that.
    public var burst = 4

    public init() {}
}
