public import Media

/// Writes captions from motion alone: no model, no pictures.
public struct MotionCaptioner: Sendable {
    public static let model = "motion-v2"
    /// What a thing that fidgets does again so soon is not told again.
    private static let dullFor = MediaTime(seconds: 30)

    private var told: [String: MediaTime] = [:]

    public init() {}

    /// - Returns: nil where the same was said a short while ago of something that comes and goes.
    public mutating func caption(_ trigger: SpeechTrigger) -> Caption? {
        let text = MotionSentence.caption(trigger)
        told = told.filter { trigger.decided - $0.value < Self.dullFor && $0.value <= trigger.decided }
        if trigger.isDull {
            if told[text] != nil { return nil }
            told[text] = trigger.decided
        }
        return Caption(
            text: text, start: trigger.start, end: trigger.decided, trigger: trigger.name, known: trigger.known,
            event: trigger.event, model: Self.model)
    }
}

extension SpeechTrigger {
    /// Whether the same sentence may well mean the same thing. Two that enter are two things.
    fileprivate var isDull: Bool {
        switch cause {
        case .event(let event): [.start, .stop, .turn].contains(event.kind)
        case .still, .moving, .refresh: true
        }
    }
}
