internal import ChatCompletions
internal import Testing

@Suite struct AdmissionQueueTests {
    private typealias Action = AdmissionQueue.Action
    private let start = ContinuousClock.now

    @Test func aNewerRequestTakesThePlaceOfTheOneThatWaits() {
        var queue = AdmissionQueue(ChatBudget(concurrency: 1), now: start)
        #expect(queue.submit(stream: "a", ticket: 1, tokens: 0, now: start) == [.admit(1)])
        #expect(queue.submit(stream: "b", ticket: 2, tokens: 0, now: start) == [])
        #expect(queue.submit(stream: "c", ticket: 3, tokens: 0, now: start) == [])
        #expect(queue.submit(stream: "b", ticket: 4, tokens: 0, now: start) == [.supersede(2)])
        #expect(queue.end(1, tokens: nil, now: start) == [.admit(4)])
        #expect(queue.end(4, tokens: nil, now: start) == [.admit(3)])
    }

    @Test func aStreamHasOneRequestUnderWay() {
        var queue = AdmissionQueue(ChatBudget(concurrency: 3), now: start)
        #expect(queue.submit(stream: "a", ticket: 1, tokens: 0, now: start) == [.admit(1)])
        #expect(queue.submit(stream: "a", ticket: 2, tokens: 0, now: start) == [])
        #expect(queue.submit(stream: "b", ticket: 3, tokens: 0, now: start) == [.admit(3)])
        #expect(queue.end(1, tokens: nil, now: start) == [.admit(2)])
    }

    @Test func whoGoesLeavesTheLine() {
        var queue = AdmissionQueue(ChatBudget(concurrency: 1), now: start)
        _ = queue.submit(stream: "a", ticket: 1, tokens: 0, now: start)
        _ = queue.submit(stream: "b", ticket: 2, tokens: 0, now: start)
        #expect(queue.end(2, tokens: nil, now: start) == [])
        #expect(queue.end(1, tokens: nil, now: start) == [])
        #expect(queue.waitingCount == 0 && queue.runningCount == 0)
    }

    @Test func aMinutesCallsThenOneWhenItsTimeHasCome() throws {
        var queue = AdmissionQueue(ChatBudget(concurrency: 9, callsPerMinute: 6), now: start)
        for ticket in 1...6 as ClosedRange<UInt64> {
            #expect(queue.submit(stream: "\(ticket)", ticket: ticket, tokens: 0, now: start) == [.admit(ticket)])
        }
        guard case .wake(let time)? = queue.submit(stream: "7", ticket: 7, tokens: 0, now: start).first else {
            Issue.record("admitted beyond the budget")
            return
        }
        #expect(time >= start + .seconds(10) && time < start + .milliseconds(10_010))
        #expect(queue.poll(now: start + .milliseconds(9_990)) == [.wake(time)])
        #expect(queue.poll(now: time) == [.admit(7)])
    }

    @Test func tokensAreSettledAfterwards() {
        var queue = AdmissionQueue(ChatBudget(concurrency: 1, tokensPerMinute: 600), now: start)
        #expect(queue.submit(stream: "a", ticket: 1, tokens: 100, now: start) == [.admit(1)])
        // It took 900 tokens instead of 100: 300 more than there are, which half a minute brings, and 100 for the next.
        _ = queue.end(1, tokens: 900, now: start)
        let actions = queue.submit(stream: "a", ticket: 2, tokens: 100, now: start)
        guard case .wake(let time)? = actions.first else {
            Issue.record("admitted beyond the budget: \(actions)")
            return
        }
        #expect(time >= start + .seconds(40) && time < start + .milliseconds(40_010))
        // Nothing taken, nothing owed.
        #expect(queue.poll(now: time) == [.admit(2)])
        #expect(queue.end(2, tokens: 0, now: time).isEmpty)
        #expect(queue.submit(stream: "a", ticket: 3, tokens: 100, now: time) == [.admit(3)])
    }

    @Test func aRequestLargerThanTheBudgetIsSentFromAFullOne() {
        var queue = AdmissionQueue(ChatBudget(concurrency: 1, tokensPerMinute: 50), now: start)
        #expect(queue.submit(stream: "a", ticket: 1, tokens: 5_000, now: start) == [.admit(1)])
    }

    /// Any mix of streams that ask at random, some as often as they can: while one waits, every other gets at most one turn;
    /// never more at once than allowed, never more in any span than the budget; and all who wait are served at last.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func turnsAndBudgetsHoldForAnyLoad(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        let concurrency = 1 + Int(random.below(4))
        let perMinute = 20 + Int(random.below(100))
        let tokensPerMinute = 2_000 + Int(random.below(20_000))
        let streams = 2 + Int(random.below(8))
        var simulation = Simulation(
            queue: AdmissionQueue(
                ChatBudget(concurrency: concurrency, callsPerMinute: perMinute, tokensPerMinute: tokensPerMinute),
                now: start),
            now: start)
        for _ in 0..<3_000 {
            simulation.now += .milliseconds(Int64(random.below(200)))
            if random.below(3) > 0 || simulation.running.isEmpty {
                let stream = random.below(2) == 0 ? 0 : Int(random.below(UInt64(streams)))
                simulation.submit("\(stream)", tokens: Int(random.below(400)))
            } else if let ticket = simulation.running.keys.sorted().randomElement(using: &random) {
                simulation.end(ticket)
            }
            simulation.perform(simulation.queue.poll(now: simulation.now))
            #expect(simulation.running.count <= concurrency)
            #expect(Set(simulation.running.values).count == simulation.running.count)
        }
        #expect(simulation.mostTurnsBeforeOwn <= 1)
        simulation.expectBudget(perMinute: perMinute, tokensPerMinute: tokensPerMinute)
        for _ in 0..<streams * 4 where simulation.queue.waitingCount > 0 {
            for ticket in simulation.running.keys.sorted() { simulation.end(ticket) }
            simulation.now += .seconds(60)
            simulation.perform(simulation.queue.poll(now: simulation.now))
        }
        #expect(simulation.queue.waitingCount == 0)
    }
}

/// Streams that ask a queue, with a clock that is moved by hand.
private struct Simulation {
    var queue: AdmissionQueue
    var now: ContinuousClock.Instant
    /// Streams by ticket.
    var running: [UInt64: String] = [:]
    /// Turns that others had since a stream began to wait with nothing under way, by waiting stream.
    var mostTurnsBeforeOwn = 0
    private var waiting: [String: (ticket: UInt64, tokens: Int)] = [:]
    private var turns: [String: [String: Int]] = [:]
    private var admitted: [(time: ContinuousClock.Instant, tokens: Int)] = []
    private var lastTicket: UInt64 = 0

    init(queue: AdmissionQueue, now: ContinuousClock.Instant) {
        (self.queue, self.now) = (queue, now)
    }

    mutating func submit(_ stream: String, tokens: Int) {
        lastTicket += 1
        if waiting[stream] == nil { turns[stream] = [:] }
        waiting[stream] = (lastTicket, tokens)
        perform(queue.submit(stream: stream, ticket: lastTicket, tokens: tokens, now: now))
    }

    mutating func end(_ ticket: UInt64) {
        // Whoever waited behind its own request waits from now on.
        if let stream = running.removeValue(forKey: ticket) { turns[stream] = [:] }
        perform(queue.end(ticket, tokens: nil, now: now))
    }

    mutating func perform(_ actions: [AdmissionQueue.Action]) {
        for case .admit(let ticket) in actions {
            guard let (stream, request) = waiting.first(where: { $0.value.ticket == ticket }) else {
                Issue.record("admitted what does not wait")
                continue
            }
            waiting[stream] = nil
            running[ticket] = stream
            admitted.append((now, request.tokens))
            for other in waiting.keys where !running.values.contains(other) {
                turns[other, default: [:]][stream, default: 0] += 1
                mostTurnsBeforeOwn = max(mostTurnsBeforeOwn, turns[other]?[stream] ?? 0)
            }
        }
    }

    func expectBudget(perMinute: Int, tokensPerMinute: Int) {
        for first in admitted.indices {
            var tokens = 0
            for last in first..<admitted.count {
                tokens += admitted[last].tokens
                let minutes = (admitted[last].time - admitted[first].time) / .seconds(60)
                guard Double(last - first + 1) <= Double(perMinute) * (1 + minutes) + 1e-6,
                    Double(tokens) <= Double(tokensPerMinute) * (1 + minutes) + 1e-6
                else {
                    Issue.record("\(last - first + 1) calls and \(tokens) tokens in \(minutes) minutes")
                    return
                }
            }
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
}
