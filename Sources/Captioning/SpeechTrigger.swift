public import Media

/// A reason to speak, and all that is known of it.
public struct SpeechTrigger: Sendable, Hashable {
    public enum Cause: Sendable, Hashable {
        case event(MotionEvent)
        /// Nothing has moved since the session began.
        case still
        /// Something goes on moving.
        case moving
        /// Nothing was said for long.
        case refresh
    }

    public var cause: Cause
    /// When what it is about began.
    public var start: MediaTime
    /// When it was known.
    public var known: MediaTime
    /// When most of the picture moved, between `start` and `decided`: the moment that shows it best.
    public var peak: MediaTime
    /// When it was decided to speak.
    public var decided: MediaTime
    /// What moved at `decided`.
    public var scene: MotionScene

    public init(
        cause: Cause, start: MediaTime, known: MediaTime, peak: MediaTime, decided: MediaTime, scene: MotionScene
    ) {
        self.cause = cause
        self.start = start
        self.known = known
        self.peak = peak
        self.decided = decided
        self.scene = scene
    }

    /// Its name in events.
    public var name: String {
        switch cause {
        case .event(let event): event.kind.rawValue
        case .still: "still"
        case .moving: "moving"
        case .refresh: "refresh"
        }
    }

    public var event: MotionEvent? {
        if case .event(let event) = cause { event } else { nil }
    }
}
