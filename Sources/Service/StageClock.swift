internal import Events
internal import Media

/// How long the stages of a clip took, for its `latency_ms`.
struct StageClock {
    private var decoding: Duration = .zero
    private var decodingSince: ContinuousClock.Instant?
    private var longestWait: Int64 = 0
    private var isLive = false

    /// Notes how long a unit has waited since it reached this process.
    mutating func took(_ unit: AccessUnit) {
        guard let arrival = unit.arrival else { return }
        isLive = true
        longestWait = max(longestWait, UTC.now().nanoseconds - arrival.nanoseconds)
    }

    mutating func startDecoding() { decodingSince = .now }

    mutating func stopDecoding() {
        if let since = decodingSince { decoding += .now - since }
        decodingSince = nil
    }

    /// The latency of a clip that is ready for the tokenizer, as far as it is known then; starts anew for the next.
    mutating func latency(of clip: Clip) -> Latency {
        if decodingSince != nil {
            stopDecoding()
            startDecoding()
        }
        defer {
            decoding = .zero
            longestWait = 0
        }
        return Latency(queue: isLive ? Int(longestWait / 1_000_000) : nil, decode: decoding.milliseconds)
    }
}
