import Foundation
import Testing

@Suite struct DaemonTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// A camera on a free port that plays a short clip faster than real time, for ever.
    private func camera(speed: Int) async throws -> (program: Program, url: String) {
        let clip = try await scratch.makeClip("camera.mp4", seconds: 8, size: "128x96", Scratch.x264)
        let program = try Program("videowire", ["testcam", clip, "--port", "0", "--speed", "\(speed)"])
        _ = await program.wait { !$0.isEmpty }
        return (program, try #require(program.lines.first))
    }

    private func daemon(streams: [String: String]) async throws -> TestDaemon {
        let daemon = try TestDaemon(scratch, streams: streams)
        try await daemon.untilServing()
        return daemon
    }

    /// The numbered events of lines.
    private func numbered(_ lines: [String]) -> [EventLine] {
        lines.compactMap { EventLine($0) }.filter { $0.sequence != nil }
    }

    @Test func aKilledConsumerResumesWithEveryEventExactlyOnce() async throws {
        let (camera, url) = try await camera(speed: 20)
        let daemon = try await daemon(streams: ["cam": url])
        let steady = try daemon.watch()
        defer { for program in [camera, daemon.program, steady] { program.signal(SIGKILL) } }

        let first = try daemon.watch()
        #expect(await first.wait { numbered($0).count >= 5 })
        first.signal(SIGKILL)
        let seen = numbered(await first.finish().lines)
        let last = try #require(seen.last)
        let (epoch, sequence) = (try #require(last.epoch), try #require(last.sequence))
        #expect(await steady.wait { (numbered($0).last?.sequence ?? 0) >= sequence + 5 })

        let second = try daemon.watch(["--from", "\(epoch)/\(sequence)"])
        defer { second.signal(SIGKILL) }
        #expect(await second.wait { (numbered($0).last?.sequence ?? 0) >= sequence + 10 })
        let all = (seen + numbered(second.lines)).compactMap(\.sequence)
        #expect(all == Array((all.first ?? 0)...(all.last ?? 0)))
        let ids = (seen + numbered(second.lines)).compactMap { $0.object["id"] as? String }
        #expect(Set(ids).count == ids.count)
    }

    @Test func aConsumerThatStopsReadingIsToldWhatItMissedAndDelaysNobody() async throws {
        let (camera, url) = try await camera(speed: 50)
        let daemon = try await daemon(streams: ["a": url, "b": url])
        let steady = try daemon.watch()
        defer { for program in [camera, daemon.program, steady] { program.signal(SIGKILL) } }

        let stuck = try RawClient(path: daemon.socket)
        try stuck.send(#"{"subscribe":{"from":"live","max_queue":8}}"#)
        // Past what the socket's buffers hold, and past the queue.
        #expect(await steady.wait { numbered($0).count >= 150 })
        let steadyNumbers = numbered(steady.lines).compactMap(\.sequence)
        #expect(steadyNumbers == Array((steadyNumbers.first ?? 0)...(steadyNumbers.last ?? 0)))
        #expect(EventLine.all(steady.lines, named: "log.lost").isEmpty)

        let lines = try stuck.readLines {
            $0.contains { EventLine($0)?.name == "log.lost" } && EventLine($0.last ?? "")?.sequence != nil
        }
        let events = lines.compactMap { EventLine($0) }
        let place = try #require(events.firstIndex { $0.name == "log.lost" })
        let lost = events[place]
        let before = try #require(events[..<place].last { $0.sequence != nil }?.sequence)
        let after = try #require(events[place...].first { $0.sequence != nil }?.sequence)
        #expect((lost.value("from_seq") as? String).flatMap { Int($0) } == before + 1)
        #expect((lost.value("to_seq") as? String).flatMap { Int($0) } == after - 1)
        #expect(lost.value("cause") as? String == "slow-consumer")
    }

    @Test func aKilledDaemonResumesItsLogWithoutAGap() async throws {
        let (camera, url) = try await camera(speed: 20)
        defer { camera.signal(SIGKILL) }
        let first = try await daemon(streams: ["cam": url])
        let watcher = try first.watch()
        #expect(await watcher.wait { numbered($0).count >= 6 })
        first.program.signal(SIGKILL)
        _ = await first.program.finish()
        let seen = numbered(await watcher.finish().lines)
        let newest = try #require(seen.last?.sequence)

        let second = try await daemon(streams: ["cam": url])
        defer { second.program.signal(SIGKILL) }
        let epoch = try #require(seen.first?.epoch)
        let reader = try second.watch(["--from", "\(epoch)/0"])
        defer { reader.signal(SIGKILL) }
        #expect(await reader.wait { (numbered($0).last?.sequence ?? 0) >= newest + 5 })
        let events = numbered(reader.lines)
        #expect(events.compactMap(\.sequence) == Array(1...events.count))
        #expect(Set(events.compactMap(\.epoch)) == [epoch])
        // What a client saw is there, to the letter; sessions go on.
        let logged = Dictionary(uniqueKeysWithValues: events.map { ($0.sequence ?? 0, $0.comparable) })
        #expect(seen.allSatisfy { logged[$0.sequence ?? -1] == $0.comparable })
        let sessions = Set(EventLine.all(reader.lines, named: "clip.tokens").compactMap { $0.value("session") as? Int })
        #expect(sessions.count >= 2)

        second.program.signal(SIGTERM)
        let end = await second.program.finish()
        #expect(end.status == 0 && !end.wasKilled, "\(end.errors)")
        #expect(!FileManager.default.fileExists(atPath: second.socket))
    }

    @Test func filtersAndStreamsAreObeyed() async throws {
        let clip = try await scratch.makeClip("file.mp4", seconds: 9, size: "128x96", Scratch.x264)
        let daemon = try await daemon(streams: ["a-1": clip, "a-2": clip, "b-1": clip])
        defer { daemon.program.signal(SIGKILL) }
        let reader = try daemon.watch(["--from", "2000-01-01T00:00:00Z", "--stream", "a-*", "--type", "clip.*"])
        defer { reader.signal(SIGKILL) }
        #expect(await reader.wait { numbered($0).count >= 6 })
        #expect(Set(numbered(reader.lines).map(\.name)) == ["clip.tokens"])
        #expect(Set(numbered(reader.lines).compactMap { $0.value("stream") as? String }) == ["a-1", "a-2"])
    }

    @Test func watchEndsOnSIGTERMThoughNobodyReads() async throws {
        let clip = try await scratch.makeClip("file.mp4", seconds: 60, size: "128x96", Scratch.x264)
        let daemon = try await daemon(streams: ["a": clip, "b": clip, "c": clip, "d": clip])
        let past = ["--json", "--from", "2000-01-01T00:00:00Z"]
        let stuck = try Program("videowire", ["watch", "--socket", daemon.socket] + past, readsOutput: false)
        defer { for program in [daemon.program, stuck] { program.signal(SIGKILL) } }
        #expect(await stuck.fillsPipe())
        stuck.signal(SIGTERM)
        let end = await stuck.finish(upTo: .seconds(8))
        #expect(end.status == 0 && !end.wasKilled)
    }
}
