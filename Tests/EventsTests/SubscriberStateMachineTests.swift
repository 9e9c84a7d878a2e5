import Events
import Media
import Testing

/// The decisions of a connection, step by step and without a socket.
@Suite struct SubscriberStateMachineTests {
    private let epochs = EpochHistory(epochs: [("OLD", 1), ("NEW", 101)])

    private func machine(newest: UInt64 = 1_000) -> SubscriberStateMachine {
        SubscriberStateMachine(epochs: epochs, newest: newest)
    }

    /// What was said, forwarded and asked, in short.
    private func short(_ actions: [SubscriberStateMachine.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .say(let event):
                let data = JSONValue(event.data)
                switch event.name {
                case .logLost:
                    let range = ["from_seq", "to_seq"].compactMap { data?[$0]?.string.flatMap { UInt64($0) } }
                    return (["lost", data?["cause"]?.string ?? ""] + range.map(String.init)).joined(separator: " ")
                case .heartbeat: return "at " + (data?["seq"]?.string.flatMap { UInt64($0) }.map(String.init) ?? "-")
                case .error: return "error " + (data?["field"]?.string ?? data?["code"]?.string ?? "")
                case .pong: return "pong " + (data?["ping"]?.text ?? "")
                default: return event.name.rawValue
                }
            case .forward(let lines): return "send " + lines.joined(separator: ",")
            case .read(let cursor, _, _): return "read \(cursor)"
            case .locate(let time, _): return "locate \(time.rfc3339)"
            case .ask(let question): return "ask \(question.stream): \(question.text)"
            case .close: return "close"
            }
        }
    }

    private func subscribe(
        _ machine: inout SubscriberStateMachine, from: String = #""live""#, policy: String = "drop-oldest",
        queue: Int = 10
    ) -> [String] {
        let line = #"{"subscribe":{"from":\#(from),"policy":"\#(policy)","max_queue":\#(queue)}}"#
        return short(machine.handle(.line(line), now: 0))
    }

    private func proceed(_ machine: inout SubscriberStateMachine, isWritable: Bool = true, now: Int64 = 0) -> [String] {
        short(machine.handle(.proceed(isWritable: isWritable), now: now))
    }

    /// Answers the read that `proceed` asks for; nil where it asks for none.
    private func page(_ machine: inout SubscriberStateMachine, through: UInt64, oldest: UInt64 = 1) -> [String]? {
        for case .read(_, _, let request) in machine.handle(.proceed(isWritable: true), now: 0) {
            let page = LogPage(lines: ["…\(through)"], through: through, oldest: oldest)
            return short(machine.handle(.page(page, request: request), now: 0))
        }
        return nil
    }

    @Test func liveSendsWhatComesAfter() {
        var machine = machine()
        #expect(subscribe(&machine) == ["at 1000"])
        #expect(proceed(&machine) == [])
        _ = machine.handle(.logAdvanced(to: 1_002), now: 0)
        #expect(proceed(&machine) == ["read 1000"])
        #expect(proceed(&machine) == [], "one read at a time")
    }

    @Test(arguments: [
        (#"{"epoch":"NEW","seq":990}"#, ["at 990"]), (#"{"epoch":"NEW","seq":"00000000000000000990"}"#, ["at 990"]),
        (#"{"epoch":"NEW","seq":1000}"#, ["at 1000"]),
        // Older epochs end where the next begins.
        (#"{"epoch":"OLD","seq":40}"#, ["at 40"]), (#"{"epoch":"OLD","seq":150}"#, ["at 100"]),
        // Nothing is known of these.
        (#"{"epoch":"NEW","seq":1001}"#, ["lost epoch", "at 0"]), (#"{"epoch":"X","seq":5}"#, ["lost epoch", "at 0"]),
        (#"{"utc":"2026-11-21T00:10:02.512Z"}"#, ["locate 2026-11-21T00:10:02.512Z"]),
        (#"{"utc":"2026-11-21T01:10:02+01:00"}"#, ["locate 2026-11-21T00:10:02.000Z"]),
    ])
    func beginnings(from: String, expected: [String]) {
        var machine = machine()
        #expect(subscribe(&machine, from: from) == expected)
    }

    @Test func replayGoesPageByPageHoweverLate() {
        var machine = machine()
        _ = subscribe(&machine, from: #"{"epoch":"NEW","seq":0}"#, queue: 1)
        #expect(page(&machine, through: 500) == ["send …500"])
        #expect(proceed(&machine, isWritable: false) == [])
        _ = machine.handle(.logAdvanced(to: 5_000), now: 0)
        #expect(proceed(&machine, isWritable: false, now: 1_000_000) == [])
        #expect(page(&machine, through: 5_000) == ["send …5000"])
        // Now it is live, and held to its queue.
        _ = machine.handle(.logAdvanced(to: 5_010), now: 0)
        _ = proceed(&machine, isWritable: false)
        #expect(proceed(&machine) == ["lost slow-consumer 5001 5009", "read 5009"])
    }

    @Test func retentionThatOvertakesIsTold() {
        var machine = machine()
        _ = subscribe(&machine, from: #"{"epoch":"NEW","seq":200}"#)
        #expect(page(&machine, through: 700, oldest: 601) == ["lost retention 201 600", "send …700"])
        #expect(proceed(&machine) == ["read 700"])
    }

    @Test func dropOldestTellsTheWholeRangeOnce() {
        var machine = machine()
        _ = subscribe(&machine, queue: 10)
        for newest in UInt64(1_001)...1_050 {
            _ = machine.handle(.logAdvanced(to: newest), now: 0)
            #expect(proceed(&machine, isWritable: false) == [])
        }
        #expect(proceed(&machine) == ["lost slow-consumer 1001 1040", "read 1040"])
    }

    @Test func aQueueThatIsNotFullLosesNothing() {
        var machine = machine()
        _ = subscribe(&machine, queue: 10)
        _ = machine.handle(.logAdvanced(to: 1_010), now: 0)
        #expect(proceed(&machine, isWritable: false) == [])
        #expect(proceed(&machine) == ["read 1000"])
    }

    @Test func blockToleratesLatenessForItsTime() {
        var inTime = machine()
        _ = subscribe(&inTime, policy: "block-ms:500", queue: 10)
        _ = inTime.handle(.logAdvanced(to: 1_050), now: 0)
        _ = proceed(&inTime, isWritable: false, now: 1_000)
        var late = inTime
        #expect(proceed(&inTime, now: 1_499) == ["read 1000"])
        #expect(proceed(&late, now: 1_500) == ["lost slow-consumer 1001 1040", "read 1040"])
    }

    @Test func disconnectClosesWithAWord() {
        var machine = machine()
        _ = subscribe(&machine, policy: "disconnect", queue: 10)
        _ = machine.handle(.logAdvanced(to: 1_010), now: 0)
        #expect(proceed(&machine, isWritable: false) == [])
        _ = machine.handle(.logAdvanced(to: 1_011), now: 0)
        #expect(proceed(&machine, isWritable: false) == ["error slow-consumer", "close"])
        #expect(proceed(&machine) == [])
        #expect(subscribe(&machine) == [])
    }

    @Test func aNewSubscriptionIgnoresTheAnswerToTheOld() {
        var machine = machine()
        _ = subscribe(&machine, from: #"{"epoch":"NEW","seq":200}"#)
        #expect(proceed(&machine) == ["read 200"])
        #expect(subscribe(&machine) == ["at 1000"])
        let old = LogPage(lines: ["old"], through: 300, oldest: 1)
        #expect(machine.handle(.page(old, request: 2), now: 0).isEmpty)
        #expect(proceed(&machine) == [])
    }

    @Test func heartbeatsTellWhereToResume() {
        var machine = machine()
        #expect(short(machine.handle(.beat(isWritable: true, streams: []), now: 0)) == ["at -"])
        _ = subscribe(&machine, from: #"{"utc":"2026-11-21T00:10:02Z"}"#)
        #expect(short(machine.handle(.beat(isWritable: true, streams: []), now: 0)) == ["at -"])
        #expect(short(machine.handle(.located(cursor: 30, request: 1), now: 0)) == ["at 30"])
        _ = page(&machine, through: 600)
        #expect(short(machine.handle(.beat(isWritable: true, streams: []), now: 0)) == ["at 600"])
        #expect(machine.handle(.beat(isWritable: false, streams: []), now: 0).isEmpty)
    }

    @Test func drainDeliversThenCloses() {
        var machine = machine()
        _ = subscribe(&machine)
        _ = machine.handle(.drain(to: 1_003), now: 0)
        #expect(proceed(&machine) == [], "1003 is not committed yet")
        _ = machine.handle(.logAdvanced(to: 1_003), now: 0)
        #expect(page(&machine, through: 1_003) == ["send …1003"])
        #expect(proceed(&machine) == ["close"])
    }

    @Test func drainClosesWhoHasNotSubscribed() {
        var machine = machine()
        _ = machine.handle(.drain(to: 1_003), now: 0)
        #expect(proceed(&machine) == ["close"])
    }

    @Test func unreadableLogEndsTheConnection() {
        var machine = machine()
        #expect(short(machine.handle(.unreadable("damaged"), now: 0)) == ["error log-unreadable", "close"])
    }

    @Test(arguments: [
        ("", "bad-request"), ("[]", "bad-request"), ("{", "bad-request"),
        (#"{"ping":1,"subscribe":{}}"#, "bad-request"),
        (#"{"subscrib":{}}"#, "subscrib"), (#"{"subscribe":1}"#, "subscribe"),
        (#"{"subscribe":{"type":["a"]}}"#, "subscribe.type"), (#"{"subscribe":{"types":"a"}}"#, "subscribe.types"),
        (#"{"subscribe":{"streams":[1]}}"#, "subscribe.streams"), (#"{"subscribe":{"from":"now"}}"#, "subscribe.from"),
        (#"{"subscribe":{"from":{"seq":1}}}"#, "subscribe.from"),
        (#"{"subscribe":{"from":{"epoch":"NEW","seq":-1}}}"#, "subscribe.from.seq"),
        (#"{"subscribe":{"from":{"epoch":"NEW","seq":1.5}}}"#, "subscribe.from.seq"),
        (#"{"subscribe":{"from":{"epoch":"NEW","seq":"99999999999999999999"}}}"#, "subscribe.from.seq"),
        (#"{"subscribe":{"from":{"epoch":1,"seq":1}}}"#, "subscribe.from.epoch"),
        (#"{"subscribe":{"from":{"utc":"yesterday"}}}"#, "subscribe.from.utc"),
        (#"{"subscribe":{"policy":"block"}}"#, "subscribe.policy"),
        (#"{"subscribe":{"policy":"block-ms:-1"}}"#, "subscribe.policy"),
        (#"{"subscribe":{"max_queue":0}}"#, "subscribe.max_queue"),
        (#"{"subscribe":{"max_queue":"9"}}"#, "subscribe.max_queue"),
    ])
    func malformedLinesAreAnswered(line: String, field: String) {
        var machine = machine()
        #expect(short(machine.handle(.line(line), now: 0)) == ["error \(field)"])
        #expect(short(machine.handle(.line(#"{"ping":{"n":[1,"x"]}}"#), now: 0)) == [#"pong {"n":[1,"x"]}"#])
    }

    @Test func whatIsNotLoggedGoesToThoseWhoAreLiveAndWantIt() {
        let partial = Event.captionPartial(
            stream: "yard", session: 1, number: 1, revision: 1, text: "A van", language: "en", trigger: "enter")
        func told(_ machine: inout SubscriberStateMachine, isWritable: Bool = true) -> [String] {
            short(machine.handle(.told(partial, isWritable: isWritable), now: 0))
        }
        var machine = machine()
        #expect(told(&machine) == [])
        _ = subscribe(&machine)
        #expect(told(&machine) == ["caption.partial"])
        // A slow one does without.
        #expect(told(&machine, isWritable: false) == [])
        _ = short(machine.handle(.line(#"{"subscribe":{"types":["caption.final"]}}"#), now: 0))
        #expect(told(&machine) == [])
        _ = short(machine.handle(.line(#"{"subscribe":{"streams":["front-*"]}}"#), now: 0))
        #expect(told(&machine) == [])
        // One that still reads the past would get it in the wrong place.
        _ = subscribe(&machine, from: #"{"epoch":"NEW","seq":200}"#)
        #expect(told(&machine) == [])
    }

    @Test(arguments: [
        (#"{"ask":{"stream":"yard","question":"Who is there?"}}"#, "ask yard: Who is there?"),
        (#"{"ask":{"stream":"yard"}}"#, "error ask.question"),
        (#"{"ask":{"question":"Who?"}}"#, "error ask.stream"),
        (#"{"ask":{"stream":"yard","question":"  "}}"#, "error ask.question"),
        (#"{"ask":{"stream":"yard","question":"Who?","loud":true}}"#, "error ask.loud"),
        (#"{"ask":"Who?"}"#, "error ask"),
    ])
    func questionsAreHandedOn(line: String, outcome: String) {
        var machine = machine()
        #expect(short(machine.handle(.line(line), now: 0)) == [outcome])
    }
}
