import Events
import Foundation
import GRDB
import Media
import Testing

/// Logs that version 1 wrote, which had no full-text index.
@Suite struct LogVersionTests {
    private let folder: TemporaryFolder
    private let path: String
    private let lines: [String]

    private static let epoch = "01KAJ5N1Q0V7Z8RWXK3M4P5T6S"

    /// A log as version 1 made it, closed in order.
    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("events.db")
        var numbering = EventNumbering(epoch: Self.epoch)
        let events = Samples.durable + [Samples.caption(text: "A white van."), Samples.caption("yard", text: "A dog.")]
        lines = events.map { numbering.line(for: $0, time: Samples.span.end) }
        let rows = zip(events, lines).enumerated().map { ($0.offset + 1, $0.element.0, $0.element.1) }
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    CREATE TABLE events (
                        sequence INTEGER PRIMARY KEY, last INTEGER NOT NULL, time_ns INTEGER NOT NULL, name TEXT NOT NULL,
                        stream TEXT, line TEXT NOT NULL);
                    CREATE INDEX events_time ON events (time_ns);
                    CREATE TABLE epochs (first INTEGER NOT NULL, name TEXT NOT NULL);
                    CREATE TABLE state (newest INTEGER NOT NULL, boot_id TEXT NOT NULL, closed INTEGER NOT NULL);
                    CREATE TABLE streams (name TEXT PRIMARY KEY, session INTEGER NOT NULL) WITHOUT ROWID;
                    INSERT INTO state VALUES (\(rows.count), 'boot-0', 1);
                    INSERT INTO epochs VALUES (1, '\(Self.epoch)');
                    INSERT INTO streams VALUES ('front-door', 8);
                    PRAGMA application_id = \(0x7677_6972);
                    PRAGMA user_version = 1;
                    """)
            for (sequence, event, line) in rows {
                try db.execute(
                    sql: "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)",
                    arguments: [
                        sequence, sequence, Samples.span.end.nanoseconds, event.name.rawValue, event.stream, line,
                    ])
            }
            // Damage in one line is no reason to refuse the others.
            try db.execute(
                sql: "INSERT INTO events VALUES (?, ?, ?, 'caption.final', 'a', 'no JSON')",
                arguments: [rows.count + 1, rows.count + 1, Samples.span.end.nanoseconds])
            try db.execute(sql: "UPDATE state SET newest = newest + 1")
        }
        try queue.close()
    }

    @Test func aDaemonBringsThemUpToDateAndLosesNothing() async throws {
        let outdated = #expect(throws: EventLogError.self) { try LogReader(path: path) }
        #expect(outdated?.reason == .outdated)
        let log = try EventLog(path: path)
        #expect(log.epoch == Self.epoch && log.newest == UInt64(lines.count + 1))
        #expect(try log.lastSession(stream: "front-door") == 8)
        let page = try await log.page(after: 0, filter: EventFilter())
        #expect(page.lines == lines + ["no JSON"])
        let reader = try LogReader(path: path)
        #expect(try reader.search(CaptionSearch("white van")).map(\.line) == [lines[lines.count - 2]])
        #expect(try reader.search(CaptionSearch("region")).count == 1)
        try log.close()

        // What comes later is found too; and the next start finds it done.
        let again = try EventLog(path: path, retention: .init(maximumAge: .seconds(1e9)))
        try await withHub(again) { hub in
            hub.publish(Samples.caption(text: "A black van."))
            try await eventually { hub.status.committed == hub.status.accepted }
            #expect(try reader.search(CaptionSearch("van")).count == 2)
        }
    }

    @Test func aNewerVersionIsLeftAlone() throws {
        try DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 3") }
        let error = #expect(throws: EventLogError.self) { try EventLog(path: path) }
        #expect(error?.reason == .foreign)
        #expect(throws: EventLogError.self) { try LogReader(path: path) }
    }
}
