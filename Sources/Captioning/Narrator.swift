public import Media
internal import MotionEvents

/// Watches the fields of a stream and says when there is something to tell. A pure function of the fields that it is given.
public struct Narrator: Sendable {
    private var observer = MotionObserver()
    private var policy: SpeechPolicy

    public init(rules: SpeechRules = SpeechRules()) {
        policy = SpeechPolicy(rules: rules)
    }

    /// What moves, as of the last field.
    public var scene: MotionScene { observer.scene }

    /// Takes the next field of a session. Fields may have any length.
    public mutating func handle(_ field: MotionField) -> SpeechTrigger? {
        let events = observer.handle(field)
        return policy.handle(events, scene: observer.scene)
    }

    /// The next field belongs to another session, whose times do not compare.
    public mutating func startSession() {
        observer.reset()
        policy.startSession()
    }
}
