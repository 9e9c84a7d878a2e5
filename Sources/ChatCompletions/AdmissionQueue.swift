/// Whose request goes to a shared server next, and when. Pure.
///
/// - Streams take turns: while one waits, every other gets at most one turn.
/// - A stream has one request under way and one that waits; a newer one takes the place of that, and keeps its turn.
/// - What is left of the budget decides when: tokens are estimated before a call and settled after it.
package struct AdmissionQueue: Sendable {
    package typealias Instant = ContinuousClock.Instant
    package typealias Ticket = UInt64

    package enum Action: Sendable, Hashable {
        /// The request may be sent.
        case admit(Ticket)
        /// The stream has asked anew.
        case supersede(Ticket)
        /// Ask `poll` at this time.
        case wake(Instant)
    }

    private struct Waiting {
        var stream: String
        var ticket: Ticket
        var tokens: Int
    }

    private struct Running {
        var stream: String
        var charged: Int
    }

    private let concurrency: Int
    private var calls: TokenBucket?
    private var tokens: TokenBucket?
    /// In the order of their turns.
    private var waiting: [Waiting] = []
    private var running: [Ticket: Running] = [:]

    package init(_ budget: ChatBudget, now: Instant) {
        concurrency = max(1, budget.concurrency)
        calls = budget.callsPerMinute.map { TokenBucket(perMinute: max(1, $0), now: now) }
        tokens = budget.tokensPerMinute.map { TokenBucket(perMinute: max(1, $0), now: now) }
    }

    /// Requests that wait, at most one a stream.
    package var waitingCount: Int { waiting.count }
    package var runningCount: Int { running.count }

    /// - Parameters:
    ///   - ticket: of the caller's choosing; never used twice.
    ///   - tokens: what the request will probably take.
    package mutating func submit(stream: String, ticket: Ticket, tokens: Int, now: Instant) -> [Action] {
        let new = Waiting(stream: stream, ticket: ticket, tokens: tokens)
        guard let place = waiting.firstIndex(where: { $0.stream == stream }) else {
            waiting.append(new)
            return poll(now: now)
        }
        let old = waiting[place].ticket
        waiting[place] = new
        return [.supersede(old)] + poll(now: now)
    }

    /// The request is over, or its caller has gone.
    ///
    /// - Parameter tokens: what it took; nil where nobody told, and the estimate stands.
    package mutating func end(_ ticket: Ticket, tokens used: Int?, now: Instant) -> [Action] {
        if let ended = running.removeValue(forKey: ticket) {
            if let used { tokens?.settle(used - ended.charged, now: now) }
        } else {
            waiting.removeAll { $0.ticket == ticket }
        }
        return poll(now: now)
    }

    /// A request under way is sent once more. It is not made to wait for that.
    package mutating func sentAgain(_ ticket: Ticket, tokens more: Int, now: Instant) {
        guard running[ticket] != nil else { return }
        calls?.settle(1, now: now)
        tokens?.settle(more, now: now)
        running[ticket]?.charged += more
    }

    package mutating func poll(now: Instant) -> [Action] {
        var actions: [Action] = []
        while running.count < concurrency, let place = waiting.firstIndex(where: { isIdle($0.stream) }) {
            let next = waiting[place]
            if let time = charge(next.tokens, now: now) { return actions + [.wake(time)] }
            waiting.remove(at: place)
            running[next.ticket] = Running(stream: next.stream, charged: next.tokens)
            actions.append(.admit(next.ticket))
        }
        return actions
    }

    private func isIdle(_ stream: String) -> Bool {
        !running.values.contains { $0.stream == stream }
    }

    /// Takes a call and its tokens, both or neither; else the time at which both may be there.
    private mutating func charge(_ amount: Int, now: Instant) -> Instant? {
        var (calls, tokens) = (calls, tokens)
        let times = [calls?.take(1, now: now), tokens?.take(amount, now: now)].compactMap { $0 ?? nil }
        if let latest = times.max() { return latest }
        (self.calls, self.tokens) = (calls, tokens)
        return nil
    }
}
