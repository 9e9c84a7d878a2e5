import Events
import Foundation
import GRDB
import Media
import Testing

/// Captions found by their words in the log of a hub that goes on writing.
@Suite struct CaptionSearchTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("events.db")
    }

    private static let texts = [
        "A white van enters from the left.", "Two men carry a ladder to the van.", "The white dog leaves.",
        "Ein weißer Lieferwagen hält vor der Tür.", "The vans are gone; \"nobody\" AND NOT (here) OR col:x* ^y -z.",
    ]

    /// The texts that are found, in their order.
    private func found(_ text: String, _ change: (inout CaptionSearch) -> Void = { _ in }) throws -> [String] {
        var search = CaptionSearch(text)
        change(&search)
        return try LogReader(path: path).search(search).compactMap { JSONValue($0.line)?["data"]?["text"]?.string }
    }

    private func withCaptions(_ body: @escaping @Sendable (EventHub) async throws -> Void) async throws {
        try await withHub(EventLog(path: path)) { hub in
            for (index, text) in Self.texts.enumerated() {
                hub.publish(Samples.tokens(index: index))
                hub.publish(Samples.caption(index == 2 ? "back-door" : "front-door", text: text))
            }
            try await eventually { hub.status.committed == UInt64(2 * Self.texts.count) }
            try await body(hub)
        }
    }

    @Test func wordsAreFoundTheNewestFirst() async throws {
        let texts = Self.texts
        try await withCaptions { _ async throws in
            #expect(try found("white van") == [texts[0]])
            #expect(try found("van") == [texts[4], texts[1], texts[0]])
            #expect(try found("VAN carrying") == [texts[1]])
            #expect(try found("white") == [texts[2], texts[0]])
            #expect(try found("\"white van\"") == [texts[0]])
            #expect(try found("\"van white\"") == [])
            #expect(try found("halt tur") == [texts[3]])
            #expect(try found("nobody here") == [texts[4]])
            #expect(try found("van", { $0.limit = 2 }) == [texts[4], texts[1]])
            #expect(try found("white", { $0.streams = [Glob("back-*")] }) == [texts[2]])
            // The shorter text is the better one.
            #expect(try found("white", { $0.isBestFirst = true }) == [texts[2], texts[0]])
            #expect(try found("dog white", { $0.isBestFirst = true }) == [texts[2]])
        }
    }

    @Test(arguments: [
        "\"", "\"\"", "van\"", "AND", "van AND", "OR OR", "NOT van", "(van", "van)", "text:van", "van*", "^van", "-van",
        "van + white", "{a b}:x", "NEAR(van white)", "'; DROP TABLE events; --", "a\0b", "🚐", "van 🚐", "",
    ])
    func nothingInAQueryIsSyntax(query: String) async throws {
        try await withCaptions { _ async throws in
            let search = CaptionSearch(query)
            let lines = try LogReader(path: path).search(search)
            #expect(search.hasWords || lines.isEmpty)
            if query == "van 🚐" || query == "van\"" { #expect(lines.count == 3) }
        }
    }

    @Test func timesBound() async throws {
        let before = UTC.now()
        try await withCaptions { _ async throws in
            let after = UTC(nanoseconds: UTC.now().nanoseconds + 1)
            #expect(try found("van", { ($0.since, $0.until) = (before, after) }).count == 3)
            #expect(try found("van", { $0.until = before }) == [])
            #expect(try found("van", { $0.since = after }) == [])
        }
    }

    @Test func whatRetentionDeletesIsNotFound() async throws {
        let log = try EventLog(path: path)
        try await withHub(log) { hub in
            hub.publish(Samples.caption(text: "A rare bird."))
            try await eventually { hub.status.committed == 1 }
            #expect(try found("bird").count == 1)
            log.retention = .init(maximumAge: .zero)
            try await log.applyRetention()
            #expect(try found("bird") == [])
            hub.publish(Samples.caption(text: "Another bird."))
            try await eventually { hub.status.committed == 2 }
            #expect(try found("bird") == ["Another bird."])
        }
    }

    @Test func theTokensOfAFoundClipAreFound() async throws {
        try await withCaptions { _ async throws in
            let reader = try LogReader(path: path)
            let caption = try #require(try reader.search(CaptionSearch("ladder")).first)
            let line = try reader.clipLine(stream: "front-door", subject: "7/3", near: caption.time)
            #expect(line.flatMap { JSONValue($0) }?["data"]?["clip"]?["index"]?.integer == 3)
            #expect(try reader.clipLine(stream: "back-door", subject: "7/3", near: caption.time) == nil)
            #expect(try reader.clipLine(stream: "front-door", subject: "7/99", near: caption.time) == nil)
        }
    }

    @Test func aLogThatIsNotThereIsTold() throws {
        let missing = #expect(throws: EventLogError.self) { try LogReader(path: path) }
        #expect(missing?.reason == .unreadable)
        #expect(!FileManager.default.fileExists(atPath: path))
        try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE recipes (name TEXT)") }
        #expect(throws: EventLogError.self) { try LogReader(path: path) }
    }
}
