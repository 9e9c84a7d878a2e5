public import Media

/// When to speak: a state machine over the moments of a session. It decides, and knows nothing of how a caption is written or how long that
/// takes.
///
/// An event is remembered until it may be told (it has settled, the gap is over, the budget allows it); one that comes meanwhile takes its
/// place. After rules R2 and R7 to R9 of docs/captions.md.
public struct SpeechPolicy: Sendable {
    private struct Waiting {
        var cause: SpeechTrigger.Cause
        var start: MediaTime
        var known: MediaTime
        /// When the first of those that it has replaced was known.
        var firstKnown: MediaTime
        var peak: (time: MediaTime, activity: Double)
        var hasPeaked = false
    }

    private let rules: SpeechRules
    private var waiting: Waiting?
    private var last: MediaTime?
    /// Captions that may be written now; a fraction is on its way.
    private var budget: Double
    private var budgetTime: MediaTime?
    private var movingSince: MediaTime?
    private var quietSince: MediaTime?
    private var hasSpoken = false

    public init(rules: SpeechRules = SpeechRules()) {
        self.rules = rules
        budget = Double(rules.burst)
    }

    /// Takes what happened up to `scene.time`, which only goes up, and what moves then.
    ///
    /// - Returns: a trigger to be written now. It counts as told.
    public mutating func handle(_ events: [MotionEvent], scene: MotionScene) -> SpeechTrigger? {
        let now = scene.time
        refill(now)
        note(scene)
        // Those of one moment: the most telling one.
        if let event = events.max(by: { $0.kind.weight < $1.kind.weight }) {
            let waited = waiting?.firstKnown
            waiting = Waiting(
                cause: .event(event), start: event.start, known: min(event.known, now), firstKnown: waited ?? now,
                peak: (now, scene.activity))
        }
        if waiting == nil, let cause = ownCause(now) {
            let start =
                switch cause {
                case .still: quietSince ?? now
                case .moving: movingSince ?? now
                case .event, .refresh: now
                }
            waiting = Waiting(
                cause: cause, start: start, known: now, firstKnown: now, peak: (now, scene.activity), hasPeaked: true)
        }
        settle(scene)
        return speak(scene)
    }

    /// A session has begun; times before it do not compare. The budget is that of the stream and stays.
    public mutating func startSession() {
        let left = budget
        self = SpeechPolicy(rules: rules)
        budget = left
    }

    private mutating func refill(_ now: MediaTime) {
        if let budgetTime, now > budgetTime {
            let minutes = (now - budgetTime).seconds / 60
            budget = min(budget + minutes * Double(rules.perMinute), Double(rules.burst))
        }
        budgetTime = now
    }

    private mutating func note(_ scene: MotionScene) {
        let moves = scene.contentVelocity != nil || scene.regions.contains { $0.velocity != .zero }
        if moves {
            movingSince = movingSince ?? scene.time
            quietSince = nil
        } else {
            quietSince = quietSince ?? scene.time
            movingSince = nil
        }
    }

    /// A reason to speak where nothing has happened.
    private func ownCause(_ now: MediaTime) -> SpeechTrigger.Cause? {
        if !hasSpoken, let quietSince, now - quietSince >= rules.stillAfter { return .still }
        guard let last else { return nil }
        if rules.whileMoving > .zero, let movingSince, now - max(last, movingSince) >= rules.whileMoving {
            return .moving
        }
        return rules.refresh > .zero && now - last >= rules.refresh ? .refresh : nil
    }

    private mutating func settle(_ scene: MotionScene) {
        guard var waiting else { return }
        if scene.activity > waiting.peak.activity {
            waiting.peak = (scene.time, scene.activity)
        } else if scene.activity < waiting.peak.activity {
            waiting.hasPeaked = true
        }
        self.waiting = waiting
    }

    private mutating func speak(_ scene: MotionScene) -> SpeechTrigger? {
        let now = scene.time
        guard let waiting, budget >= 1 else { return nil }
        let isSettled =
            waiting.hasPeaked || now - waiting.known >= rules.settle || now - waiting.firstKnown >= rules.longestSettle
        guard isSettled else { return nil }
        var gap = rules.gap
        if case .event(let event) = waiting.cause, event.kind == .cut { gap = min(gap, rules.gapBeforeCut) }
        if let last, now - last < gap { return nil }
        self.waiting = nil
        budget -= 1
        last = now
        hasSpoken = true
        return SpeechTrigger(
            cause: waiting.cause, start: min(waiting.start, now), known: waiting.known, peak: waiting.peak.time,
            decided: now, scene: scene)
    }
}

extension MotionEvent.Kind {
    /// Which of several at one moment is told.
    fileprivate var weight: Int {
        switch self {
        case .cut: 11
        case .lightOff, .lightOn: 10
        case .shake, .zoom, .pan, .tilt: 9
        case .enter: 8
        case .leave: 7
        case .start: 6
        case .stop: 5
        case .turn: 4
        case .cameraEnd: 3
        }
    }
}
