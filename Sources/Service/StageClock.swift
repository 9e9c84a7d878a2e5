internal import Events
internal import Media

/// How long the stages of a clip took, for its `latency_ms`.
struct StageClock {
    private var decoding: Duration = .zero
    private var decodingSince: ContinuousClock.Instant?
    private var tokenizing: Duration = .zero
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

    /// Times the tokenizer, which is called while a picture is being handed out.
    mutating func measureTokenizing<Result>(_ work: () throws -> Result) rethrows -> Result {
        stopDecoding()
        let start = ContinuousClock.now
        defer {
            tokenizing = .now - start
            startDecoding()
        }
        return try work()
    }

    /// The latency of a clip that has just been tokenized; starts anew for the next.
    mutating func latency(of clip: Clip) -> Latency {
        defer {
            decoding = .zero
            longestWait = 0
        }
        let sinceArrival = clip.capture.map { UTC.now().nanoseconds - $0.newestArrival.nanoseconds }
        return Latency(
            captureToEmit: sinceArrival.map { Int($0 / 1_000_000) }, queue: isLive ? Int(longestWait / 1_000_000) : nil,
            decode: decoding.milliseconds, tokenize: tokenizing.milliseconds)
    }
}

extension Duration {
    fileprivate var milliseconds: Int {
        Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }
}
