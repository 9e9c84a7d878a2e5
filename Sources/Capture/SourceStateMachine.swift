package import Media

/// Decides when a source is opened, given up and tried again. Knows neither clock nor pipeline: it is told the time
/// and what happened, and says what to do.
package struct SourceStateMachine {
    package enum Event: Equatable {
        case start
        /// The first picture of this connection went to the consumer.
        case picture
        case failed(SourceError)
        /// The source ended its stream.
        case ended
        /// The consumer took everything.
        case drained
        /// The time asked for with `wake` has come. Both as far as known: when the newest picture came, and how far
        /// apart key pictures are.
        case timer(newestPicture: Duration? = nil, keyInterval: Duration? = nil)
    }

    package enum Action: Equatable {
        case open
        case close
        case report(StreamState, reason: String, attempt: Int, nextRetry: Duration? = nil)
        /// Send `timer` at this time; takes the place of an earlier one.
        case wake(Duration)
        /// Leave `run`, throwing the error where there is one.
        case finish(SourceError?)
    }

    private enum Phase {
        case idle
        case connecting(deadline: Duration)
        case live(since: Duration)
        case waiting(until: Duration)
        case draining
        case done
    }

    static let minimumStallTimeout = Duration.seconds(5)
    /// Intervals are taken from time stamps: one that jumps must not switch the check off.
    static let maximumStallTimeout = Duration.seconds(60)

    private let isLive: Bool
    private let policy: ReconnectPolicy
    private let stallTimeout: Duration?
    private let random: @Sendable () -> Double
    private var phase = Phase.idle
    private var failures = 0
    private var keyInterval = Duration.zero

    /// `random` gives numbers in -1 ... 1 for the jitter of waits.
    package init(
        isLive: Bool, policy: ReconnectPolicy, stallTimeout: Duration? = nil,
        random: @escaping @Sendable () -> Double = { Double.random(in: -1...1) }
    ) {
        self.isLive = isLive
        self.policy = policy
        self.stallTimeout = stallTimeout
        self.random = random
    }

    /// What to do, in order. `now` counts from any fixed point.
    package mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        switch (event, phase) {
        case (.start, .idle):
            return connect(at: now)
        case (.picture, .connecting):
            phase = .live(since: now)
            let report = Action.report(.live, reason: "pictures are coming", attempt: failures + 1)
            return isLive ? [report, .wake(now + stallLimit)] : [report]
        case (.failed(let error), .connecting), (.failed(let error), .live):
            return isLive ? retry(after: error, at: now) : giveUp(error)
        case (.ended, .connecting), (.ended, .live):
            guard isLive else {
                phase = .draining
                return []
            }
            return retry(after: SourceError(.connection, "the camera ended the session"), at: now)
        case (.drained, .draining):
            phase = .done
            return [.close, .report(.ended, reason: "end of file", attempt: 1), .finish(nil)]
        case (.timer(let newest, let interval), _):
            keyInterval = interval ?? keyInterval
            return timer(newestPicture: newest, at: now)
        default:
            return []
        }
    }

    private var stallLimit: Duration {
        stallTimeout ?? min(max(keyInterval * 3, Self.minimumStallTimeout), Self.maximumStallTimeout)
    }

    private mutating func connect(at now: Duration) -> [Action] {
        let deadline = now + policy.connectTimeout
        phase = .connecting(deadline: deadline)
        let report = Action.report(.connecting, reason: "opening the source", attempt: failures + 1)
        return isLive ? [report, .open, .wake(deadline)] : [report, .open]
    }

    private mutating func timer(newestPicture: Duration?, at now: Duration) -> [Action] {
        switch phase {
        case .waiting(let until):
            return now >= until ? connect(at: now) : [.wake(until)]
        case .connecting(let deadline) where isLive:
            guard now >= deadline else { return [.wake(deadline)] }
            let limit = policy.connectTimeout.formatted
            return retry(after: SourceError(.connection, "no picture within \(limit) of connecting"), at: now)
        case .live(let since) where isLive:
            let limit = stallLimit
            let due = max(newestPicture ?? since, since) + limit
            guard now >= due else { return [.wake(due)] }
            let reason = "no picture for \(limit.formatted)"
            return [.report(.stalled, reason: reason, attempt: failures + 1)]
                + retry(after: SourceError(.connection, reason), at: now)
        default:
            return []
        }
    }

    private mutating func retry(after error: SourceError, at now: Duration) -> [Action] {
        if case .live(let since) = phase, now - since >= policy.resetAfter { failures = 0 }
        failures += 1
        let isRefused = error.kind == .unauthorized
        let delay = isRefused ? policy.unauthorizedDelay : policy.delay(afterFailures: failures, random: random())
        phase = .waiting(until: now + delay)
        let kind = isRefused ? StreamState.failed : .backoff
        return [
            .close, .report(kind, reason: error.description, attempt: failures, nextRetry: delay), .wake(now + delay),
        ]
    }

    private mutating func giveUp(_ error: SourceError) -> [Action] {
        phase = .done
        return [.close, .report(.failed, reason: error.description, attempt: 1), .finish(error)]
    }
}

extension Duration {
    /// Seconds with one decimal, e.g. `5.0 s`.
    fileprivate var formatted: String {
        let tenths = (self / .milliseconds(100)).rounded()
        return "\(tenths / 10) s"
    }
}
