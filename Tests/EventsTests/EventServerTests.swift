import Events
import Foundation
import Media
import Testing

/// A hub and its server on a socket in a temporary folder.
struct Wire: Sendable {
    let hub: EventHub
    let path: String
    let folder: TemporaryFolder

    var client: EventClient { EventClient(path: path) }

    func publish(_ range: ClosedRange<Int>, stream: String = "front-door") {
        for index in range { hub.publish(Samples.tokens(stream, index: index)) }
    }

    func publishAndCommit(_ range: ClosedRange<Int>, stream: String = "front-door") async throws {
        publish(range, stream: stream)
        let accepted = hub.status.accepted
        try await eventually { hub.status.committed >= accepted }
    }
}

func withWire(
    in folder: TemporaryFolder? = nil, retention: EventLog.Retention = .init(),
    settings change: (inout EventServer.Settings) -> Void = { _ in },
    onQuestion: @escaping QuestionTaker = { _ throws(QuestionRefused) in throw QuestionRefused("nobody is here") },
    _ body: @escaping @Sendable (Wire) async throws -> Void
) async throws {
    let folder = try folder ?? TemporaryFolder()
    let log = try EventLog(path: folder.file("events.db"), retention: retention)
    let hub = EventHub(log: log, logger: quiet)
    hub.describe(stream: "front-door", tokenizer: Samples.tokenizer)
    hub.describe(stream: "yard", tokenizer: Samples.modelTokenizer)
    var settings = EventServer.Settings(path: folder.file("s"), version: "videowire test")
    change(&settings)
    let (serving, serve) = AsyncStream.makeStream(of: String.self)
    let server = EventServer(
        hub: hub, settings: settings, logger: quiet, onServing: { serve.yield($0) }, onQuestion: onQuestion)
    let wire = Wire(hub: hub, path: settings.path, folder: folder)
    try await withServices([hub, server]) {
        for await path in serving {
            #expect(path == wire.path)
            break
        }
        try Task.checkCancellation()
        try await body(wire)
    }
}

extension EventConnection {
    /// The next event of a name, others left out; its `data`.
    mutating func next(_ name: EventName) async throws -> JSONValue {
        while let line = try await next() {
            guard let event = JSONValue(line), event["type"]?.string == name.type else { continue }
            return event["data"] ?? .null
        }
        throw Ended()
    }

    /// The sequences of the next `count` numbered events.
    mutating func numbers(_ count: Int) async throws -> [UInt64] {
        var numbers: [UInt64] = []
        while numbers.count < count, let line = try await next() {
            if let number = sequence(line) { numbers.append(number) }
        }
        return numbers
    }

    struct Ended: Error {}
}

@Suite struct EventServerTests {
    @Test func helloTellsTheLogAndTheStreams() async throws {
        try await withWire { wire in
            wire.hub.publish(Samples.state())
            try await wire.publishAndCommit(1...3)
            try await wire.client.withConnection { connection in
                let hello = connection.hello
                #expect(hello["seq"]?.string == "00000000000000000004")
                #expect(hello["oldest_seq"]?.string == "00000000000000000001")
                #expect(hello["protocol"]?.integer == 1)
                let stream = hello["streams"]?.array?.first
                #expect(stream?["stream"]?.string == "front-door")
                #expect(stream?["state"]?.string == "live")
                #expect(stream?["tokenizer"]?["id"]?.string == "scalar-v1")
                #expect(stream?["tokenizer"]?["key_vocab"]?.integer == 4_096)
                #expect(JSONValue(connection.helloLine)?["epoch"]?.string == wire.hub.log.epoch)
            }
        }
    }

    @Test func liveBeginsWithTheNextEvent() async throws {
        try await withWire { wire in
            try await wire.publishAndCommit(1...3)
            try await wire.client.withConnection { connection in
                try await connection.subscribe(SubscribeRequest())
                #expect(try await connection.next(.heartbeat)["seq"]?.string == "00000000000000000003")
                wire.publish(4...6)
                #expect(try await connection.numbers(3) == [4, 5, 6])
            }
        }
    }

    @Test func replayThenLiveWithoutAHole() async throws {
        try await withWire { wire in
            try await wire.publishAndCommit(1...2_000)
            try await wire.client.withConnection { connection in
                try await connection.subscribe(
                    SubscribeRequest(start: .after(epoch: wire.hub.log.epoch, sequence: 5)))
                #expect(try await connection.numbers(1_000) == Array(6...1_005))
                wire.publish(2_001...2_500)
                #expect(try await connection.numbers(1_495) == Array(1_006...2_500))
            }
        }
    }

    @Test func replayFromATime() async throws {
        try await withWire { wire in
            try await wire.publishAndCommit(1...10)
            // The clock of events has milliseconds.
            try await Task.sleep(for: .milliseconds(5))
            let between = Date()
            try await Task.sleep(for: .milliseconds(5))
            try await wire.publishAndCommit(11...20)
            let time = UTC(nanoseconds: Int64(between.timeIntervalSince1970 * 1e9))
            try await wire.client.withConnection { connection in
                try await connection.subscribe(SubscribeRequest(start: .time(time)))
                #expect(try await connection.numbers(10) == Array(11...20))
                // A second subscription replaces the first.
                try await connection.subscribe(SubscribeRequest(start: .time(UTC(nanoseconds: 0))))
                #expect(try await connection.numbers(20) == Array(1...20))
            }
        }
    }

    @Test func unknownEpochIsToldThenEverythingComes() async throws {
        try await withWire { wire in
            try await wire.publishAndCommit(1...3)
            try await wire.client.withConnection { connection in
                try await connection.subscribe(SubscribeRequest(start: .after(epoch: "GONE", sequence: 77)))
                let lost = try await connection.next(.logLost)
                #expect(lost["cause"]?.string == "epoch")
                #expect(lost["from_seq"] == nil)
                #expect(try await connection.numbers(3) == [1, 2, 3])
            }
        }
    }

    @Test func globsChooseStreamsAndNames() async throws {
        try await withWire { wire in
            try await wire.client.withConnection { connection in
                try await connection.subscribe(
                    SubscribeRequest(streams: ["front-*"], types: ["clip.*", "caption.final"]))
                _ = try await connection.next(.heartbeat)
                for stream in ["front-door", "back-door", "front-yard"] {
                    wire.hub.publish(Samples.state(stream))
                    wire.hub.publish(Samples.tokens(stream))
                    wire.hub.publish(Samples.caption(stream))
                }
                #expect(try await connection.numbers(4) == [2, 3, 8, 9])
            }
        }
    }

    @Test func pingsAreAnsweredAndBadLinesExplained() async throws {
        try await withWire { wire in
            try await wire.client.withConnection { connection in
                try await connection.send(#"{"ping":{"n":42}}"#)
                #expect(try await connection.next(.pong)["ping"]?["n"]?.integer == 42)
                try await connection.send("hello there")
                #expect(try await connection.next(.error)["message"]?.string?.contains("subscribe") == true)
                try await connection.send(#"{"subscribe":{"policy":"wait"}}"#)
                let error = try await connection.next(.error)
                #expect(error["field"]?.string == "subscribe.policy")
                #expect(error["message"]?.string?.contains("drop-oldest") == true)
                try await connection.send(#"{"ping":1}"#)
                #expect(try await connection.next(.pong)["ping"]?.integer == 1)
            }
        }
    }

    @Test func anEndlessLineEndsTheConnection() async throws {
        try await withWire { wire in
            try await wire.client.withConnection { connection in
                try await connection.send(String(repeating: "x", count: 70_000))
                #expect(try await connection.next(.error)["code"]?.string == "line-too-long")
                #expect(try await connection.next() == nil)
            }
        }
    }

    @Test func heartbeatsComeWithStates() async throws {
        try await withWire(settings: { $0.heartbeat = .milliseconds(20) }) { wire in
            wire.hub.publish(Samples.state("front-door", .stalled))
            try await eventually { wire.hub.status.committed == 1 }
            try await wire.client.withConnection { connection in
                let beat = try await connection.next(.heartbeat)
                #expect(beat["newest_seq"]?.string == "00000000000000000001")
                #expect(beat["seq"] == nil)
                #expect(beat["streams"]?.array?.first?["state"]?.string == "stalled")
                // A filter that lets nothing through still gets on.
                try await connection.subscribe(SubscribeRequest(types: ["nothing"]))
                try await wire.publishAndCommit(1...5)
                var newest: String?
                while newest != "00000000000000000006" {
                    newest = try await connection.next(.heartbeat)["seq"]?.string
                }
            }
        }
    }

    @Test func aSlowConsumerIsToldWhatItMissedAndDelaysNobody() async throws {
        try await withWire { wire in
            try await wire.client.withConnection { slow in
                try await slow.subscribe(SubscribeRequest(maximumQueue: 100))
                _ = try await slow.next(.heartbeat)
                // Reads nothing while 3 MB are published: more than the socket holds.
                let clock = ContinuousClock()
                try await wire.client.withConnection { quick in
                    try await quick.subscribe(SubscribeRequest())
                    _ = try await quick.next(.heartbeat)
                    var slowest = Duration.zero
                    for round in 0..<100 {
                        let start = clock.now
                        wire.publish(round * 40 + 1...round * 40 + 40)
                        let first = UInt64(round * 40 + 1)
                        #expect(try await quick.numbers(40) == Array(first...first + 39))
                        slowest = max(slowest, clock.now - start)
                    }
                    // Nobody waits for the slow one; the limit leaves room for a busy machine.
                    #expect(slowest < .seconds(5))
                }
                var (numbers, ranges): ([UInt64], [ClosedRange<UInt64>]) = ([], [])
                while numbers.last != 4_000, let line = try await slow.next() {
                    if let number = sequence(line) {
                        numbers.append(number)
                        continue
                    }
                    let lost = try #require(JSONValue(line))["data"]
                    guard let from = lost?["from_seq"]?.string.flatMap({ UInt64($0) }),
                        let to = lost?["to_seq"]?.string.flatMap({ UInt64($0) })
                    else { continue }
                    #expect(lost?["cause"]?.string == "slow-consumer")
                    #expect(from == (numbers.last ?? 0) + 1)
                    ranges.append(from...to)
                }
                // Every number came, or was told to be lost; none twice.
                #expect(ranges.count == 1)
                #expect((numbers + ranges.flatMap { Array($0) }).sorted() == Array(1...4_000))
                #expect(ranges.last?.upperBound == 3_900)
            }
        }
    }

    @Test func blockWaitsForAConsumerThatComesBack() async throws {
        try await withWire { wire in
            try await wire.client.withConnection { connection in
                try await connection.subscribe(
                    SubscribeRequest(policy: .block(milliseconds: 20_000), maximumQueue: 10))
                _ = try await connection.next(.heartbeat)
                for round in 0..<30 { try await wire.publishAndCommit(round * 100 + 1...round * 100 + 100) }
                #expect(try await connection.numbers(3_000) == Array(1...3_000))
            }
        }
    }

    @Test func disconnectEndsASlowConsumer() async throws {
        try await withWire { wire in
            try await wire.client.withConnection { connection in
                try await connection.subscribe(SubscribeRequest(policy: .disconnect, maximumQueue: 10))
                _ = try await connection.next(.heartbeat)
                wire.publish(1...3_000)
                #expect(try await connection.next(.error)["code"]?.string == "slow-consumer")
                #expect(try await connection.next() == nil)
            }
        }
    }

    @Test func aDroppedConsumerResumesExactlyOnce() async throws {
        try await withWire { wire in
            let epoch = wire.hub.log.epoch
            let publisher = Task {
                for index in 1...1_000 {
                    wire.publish(index...index)
                    if index.isMultiple(of: 50) { try await Task.sleep(for: .milliseconds(1)) }
                }
            }
            var seen: [UInt64] = []
            while seen.last != 1_000 {
                let last = seen.last ?? 0
                seen += try await wire.client.withConnection { connection in
                    try await connection.subscribe(SubscribeRequest(start: .after(epoch: epoch, sequence: last)))
                    return try await connection.numbers(Int(min(137, 1_000 - last)))
                }
            }
            try await publisher.value
            #expect(seen == Array(1...1_000))
        }
    }

    @Test func retentionThatOvertakesAConsumerIsTold() async throws {
        try await withWire(retention: .init(maximumBytes: 512 << 10)) { wire in
            try await wire.publishAndCommit(1...3_000)
            try await wire.hub.log.applyRetention()
            let oldest = try await wire.hub.log.oldest()
            #expect(oldest > 1)
            try await wire.client.withConnection { connection in
                try await connection.subscribe(
                    SubscribeRequest(start: .after(epoch: wire.hub.log.epoch, sequence: 10)))
                let lost = try await connection.next(.logLost)
                #expect(lost["cause"]?.string == "retention")
                #expect(lost["from_seq"]?.string.flatMap { UInt64($0) } == 11)
                #expect(lost["to_seq"]?.string.flatMap { UInt64($0) } == oldest - 1)
                #expect(try await connection.numbers(2) == [oldest, oldest + 1])
            }
        }
    }

    @Test func fiftyConsumersGetEverything() async throws {
        try await withWire { wire in
            try await withThrowingTaskGroup(of: [UInt64].self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await wire.client.withConnection { connection in
                            try await connection.subscribe(
                                SubscribeRequest(start: .after(epoch: wire.hub.log.epoch, sequence: 0)))
                            return try await connection.numbers(1_000)
                        }
                    }
                }
                wire.publish(1...1_000)
                for try await numbers in group { #expect(numbers == Array(1...1_000)) }
            }
        }
    }

    @Test func shutdownDeliversWhatWasAccepted() async throws {
        let folder = try TemporaryFolder()
        let (subscribed, signal) = AsyncStream<Void>.makeStream()
        let reader = Task {
            try await eventually { FileManager.default.fileExists(atPath: folder.file("s")) }
            return try await EventClient(path: folder.file("s")).withConnection { connection in
                try await connection.subscribe(SubscribeRequest(types: ["clip.*"], maximumQueue: 10_000))
                _ = try await connection.next(.heartbeat)
                signal.finish()
                return try await connection.numbers(.max)
            }
        }
        try await withWire(in: folder, settings: { $0.drain = .seconds(15) }) { wire in
            for await _ in subscribed {}
            wire.publish(1...2_000)
        }
        #expect(try await reader.value == Array(1...2_000))
        #expect(!FileManager.default.fileExists(atPath: folder.file("s")))
    }
}
