import Events
import Foundation
import GRDB
import Media
import Testing

/// Events that are erased from the log of a hub that goes on.
@Suite struct LogEraserTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("events.db")
    }

    /// A word in no other text, for each event.
    private static func secret(_ index: Int) -> String { "zyxw\(index * 7_919 + 1_000_003)vut" }

    /// Publishes captions of two streams in turns, and tokens, and waits until they are committed.
    private func fill(_ hub: EventHub, _ range: Range<Int>) async throws {
        for index in range {
            hub.publish(Samples.caption("inside", text: "Somebody \(Self.secret(index)) enters."))
            hub.publish(Samples.tokens("inside", index: index, capture: false))
            if index % 3 == 0 { hub.publish(Samples.caption("yard", text: "A dog number \(index).")) }
        }
        hub.publish(Samples.state("inside"))
        let accepted = hub.status.accepted
        try await eventually { hub.status.committed == accepted }
    }

    private func span(_ from: UTC, _ to: UTC) -> LogEraser.Span {
        LogEraser.Span(stream: "inside", from: from, to: to)
    }

    /// The bytes of the database, its write-ahead log and all else in the folder.
    private func files() throws -> Data {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).reduce(into: Data()) { data, name in
            data += try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
        }
    }

    private func pages(_ log: EventLog, _ filter: EventFilter = EventFilter()) async throws -> [JSONValue] {
        var lines: [String] = []
        var cursor: UInt64 = 0
        while cursor < log.newest {
            let page = try await log.page(after: cursor, filter: filter)
            lines += page.lines
            cursor = page.through
        }
        return lines.compactMap { JSONValue($0) }
    }

    private func number(_ value: JSONValue?) -> UInt64? { value?.string.flatMap { UInt64($0) } }

    @Test func theBytesAreGoneAndTheNumbersStay() async throws {
        let log = try EventLog(path: path)
        try await withHub(log) { hub in
            try await fill(hub, 0..<40)
            let from = UTC.now()
            try await fill(hub, 40..<400)
            let to = UTC.now()
            try await fill(hub, 400..<440)
            #expect(try files().range(of: Data(Self.secret(200).utf8)) != nil)

            let eraser = try LogEraser(path: path)
            // The captions tell of pictures of last year: of those, no time but that of emission counts.
            let findings = try eraser.find(span(from, to))
            #expect(findings.counts == ["caption.final": 360, "clip.tokens": 360])
            #expect(findings.clips.count == 360 && findings.clips.contains("7/200"))
            #expect(try eraser.erase(findings, of: "inside"))

            let bytes = try files()
            for index in 40..<400 {
                #expect(bytes.range(of: Data(Self.secret(index).utf8)) == nil, "\(index)")
            }
            for index in [0, 39, 400, 439] { #expect(bytes.range(of: Data(Self.secret(index).utf8)) != nil) }
            #expect(try eraser.find(span(from, to)).isEmpty)

            // Every number is told of: by its event, or by a loss that has it.
            let lines = try await pages(log)
            var next: UInt64 = 1
            for line in lines {
                if let sequence = number(line["sequence"]) {
                    #expect(sequence == next)
                    next = sequence + 1
                } else {
                    #expect(line["data"]?["cause"]?.string == "forgotten")
                    #expect(number(line["data"]?["from_seq"]) == next)
                    next = (number(line["data"]?["to_seq"]) ?? 0) + 1
                }
            }
            #expect(next == log.newest + 1)
            // Consumers of another stream are told of no loss.
            let yard = try await pages(log, EventFilter(streams: [Glob("yard")]))
            #expect(yard.count == 147 && yard.allSatisfy { $0["sequence"] != nil })
            let inside = try await pages(log, EventFilter(streams: [Glob("inside")], types: [Glob("clip.*")]))
            #expect(inside.contains { $0["data"]?["cause"]?.string == "forgotten" })

            // And the log goes on.
            try await fill(hub, 500..<501)
            let reader = try LogReader(path: path)
            #expect(try reader.search(CaptionSearch(Self.secret(500))).count == 1)
            #expect(try reader.search(CaptionSearch(Self.secret(200))).isEmpty)
            #expect(try reader.search(CaptionSearch("enters")).count == 20)
        }
    }

    @Test func aRunningDaemonForgetsWhatItHasInMemory() async throws {
        let log = try EventLog(path: path)
        try await withHub(log) { hub in
            let from = UTC.now()
            try await fill(hub, 0..<10)
            let tail = try #require(log.tailPage(after: 0, filter: EventFilter()))
            #expect(tail.lines.contains { $0.contains(Self.secret(5)) })
            let eraser = try LogEraser(path: path)
            _ = try eraser.erase(try eraser.find(span(from, .now())), of: "inside")
            try await log.forgetWhatWasErased()
            // The file has to be read.
            #expect(log.tailPage(after: 0, filter: EventFilter()) == nil)
            #expect(try await !pages(log).contains { $0["data"]?["text"]?.string?.contains(Self.secret(5)) == true })
        }
    }

    @Test func eventsAboutPicturesOfTheSpanGoWhenEverTheyWereTold() async throws {
        let log = try EventLog(path: path)
        try await withHub(log) { hub in
            hub.publish(Samples.caption("inside", text: "Taken in November 2025."))
            hub.publish(Samples.tokens("inside", index: 3))
            hub.publish(Samples.state("inside"))
            try await eventually { hub.status.committed == 3 }
            let eraser = try LogEraser(path: path)
            func found(_ from: String, _ to: String) throws -> [String: Int] {
                let (from, to) = (UTC(rfc3339: from), UTC(rfc3339: to))
                return try eraser.find(span(try #require(from), try #require(to))).counts
            }
            let taken = Samples.span.start.rfc3339
            #expect(taken == "2025-11-21T00:10:00.402Z")
            #expect(
                try found("2025-11-21T00:10:03Z", "2025-11-21T00:10:03Z") == ["caption.final": 1, "clip.tokens": 1])
            #expect(try found("2025-11-21T00:09:00Z", taken) == ["caption.final": 1, "clip.tokens": 1])
            #expect(try found("2025-11-21T00:10:05Z", "2025-11-21T00:11:00Z") == [:])
            #expect(try found("2025-11-21T00:09:00Z", "2025-11-21T00:10:00Z") == [:])
        }
    }

    @Test func thereMustBeALog() throws {
        let error = #expect(throws: EventLogError.self) { try LogEraser(path: path) }
        #expect(error?.reason == .unreadable)
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
