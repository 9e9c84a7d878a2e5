/// A budget of so many a minute: what is not used is kept for at most a minute, so in any time t at most
/// `perMinute · (1 + t / 60 s)` are spent, and what was spent beyond what was known at the time is waited for afterwards.
struct TokenBucket {
    typealias Instant = ContinuousClock.Instant

    let perMinute: Int
    private var level: Double
    private var time: Instant

    /// Full.
    init(perMinute: Int, now: Instant) {
        self.perMinute = perMinute
        level = Double(perMinute)
        time = now
    }

    /// Takes that many, or tells when they will be there. More than a minute's worth is taken from a full bucket.
    mutating func take(_ amount: Int, now: Instant) -> Instant? {
        refill(now)
        let needed = Double(min(amount, perMinute))
        guard level < needed else {
            level -= Double(amount)
            return nil
        }
        // Rounded up, so that they are there at that time.
        let milliseconds = ((needed - level) * 60_000 / Double(perMinute)).rounded(.up) + 1
        return now + .milliseconds(Int64(min(milliseconds, 1e12)))
    }

    /// Takes more without asking, or gives back.
    mutating func settle(_ amount: Int, now: Instant) {
        refill(now)
        level = min(Double(perMinute), level - Double(amount))
    }

    private mutating func refill(_ now: Instant) {
        guard now > time else { return }
        level = min(Double(perMinute), level + (now - time) / .seconds(60) * Double(perMinute))
        time = now
    }
}
