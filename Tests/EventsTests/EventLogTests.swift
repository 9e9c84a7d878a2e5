import Events
import Foundation
import GRDB
import Media
import Testing

@Suite struct EventLogTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("events.db")
    }

    private func open(
        _ path: String? = nil, retention: EventLog.Retention = .init(), boot: String = "boot-1", pages: Int? = nil
    ) throws -> EventLog {
        try EventLog(path: path ?? self.path, retention: retention, bootID: boot, pageLimit: pages)
    }

    /// Publishes `count` events and returns when they are committed.
    private func fill(_ hub: EventHub, _ count: Int, stream: String = "front-door") async throws {
        for index in 0..<count { hub.publish(Samples.tokens(stream, index: index)) }
        let accepted = hub.status.accepted
        try await eventually { hub.status.committed == accepted }
    }

    private func sequences(_ log: EventLog, after cursor: UInt64 = 0) async throws -> [UInt64] {
        try await log.page(after: cursor, filter: EventFilter()).lines.compactMap(sequence)
    }

    @Test func othersMayNotReadIt() async throws {
        let log = try open()
        try await withHub(log) { hub in
            try await fill(hub, 1)
            for file in [path, path + "-wal", path + "-shm", path + ".lock"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: file)
                #expect(((attributes[.posixPermissions] as? Int) ?? 0o777) & 0o007 == 0, "\(file)")
            }
        }
    }

    @Test func numbersGoUpByOne() async throws {
        let log = try open()
        try await withHub(log) { hub in
            try await fill(hub, 100)
            #expect(try await sequences(log) == Array(1...100))
            #expect(try await sequences(log, after: 97) == [98, 99, 100])
            #expect(try await log.oldest() == 1)
        }
    }

    @Test func killedProcessGoesOnWithoutAGap() async throws {
        // What a killed process leaves is what lies in its files at that moment.
        let (log, copy) = (try open(), folder.file("copy.db"))
        try await withHub(log) { [path] hub in
            try await fill(hub, 50)
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
        }
        let reopened = try open(copy)
        #expect(reopened.epoch == log.epoch)
        #expect(reopened.newest == 50)
        try await withHub(reopened) { hub in
            try await fill(hub, 1)
            #expect(try await sequences(reopened) == Array(1...51))
        }
    }

    @Test func powerCutChangesTheEpochAndNumbersGoUp() async throws {
        let (log, copy) = (try open(), folder.file("copy.db"))
        try await withHub(log) { [path] hub in
            try await fill(hub, 50)
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
        }
        let reopened = try open(copy, boot: "boot-2")
        #expect(reopened.epoch != log.epoch)
        try await withHub(reopened) { hub in
            try await fill(hub, 1)
            #expect(try await sequences(reopened) == Array(1...51))
        }
    }

    @Test func orderlyRestartOfTheMachineKeepsTheEpoch() async throws {
        let log = try open()
        try await withHub(log) { try await fill($0, 5) }
        let reopened = try open(boot: "boot-2")
        #expect(reopened.epoch == log.epoch)
        #expect(reopened.newest == 5)
    }

    @Test func aLostLogBeginsANewEpoch() async throws {
        let log = try open()
        try await withHub(log) { try await fill($0, 5) }
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            try FileManager.default.removeItem(atPath: folder.file(file))
        }
        let new = try open()
        #expect(new.epoch != log.epoch)
        #expect(new.newest == 0)
    }

    @Test func retentionByAgeKeepsNumbersAndSessions() async throws {
        let log = try open(retention: .init(maximumAge: .zero))
        try await withHub(log) { hub in
            try await fill(hub, 1_200)
            try await log.applyRetention()
            #expect(try await log.oldest() == 1_201)
            #expect(try await log.page(after: 3, filter: EventFilter()).oldest == 1_201)
        }
        let reopened = try open()
        #expect(reopened.newest == 1_200)
        #expect(try reopened.lastSession(stream: "front-door") == 7)
        #expect(try reopened.lastSession(stream: "back-door") == nil)
    }

    @Test func retentionBySizeDeletesTheOldest() async throws {
        let limit = 256 << 10
        let log = try open(retention: .init(maximumBytes: limit))
        try await withHub(log) { hub in
            try await fill(hub, 2_000)
            try await log.applyRetention()
            let oldest = try await log.oldest()
            #expect(oldest > 1_000)
            #expect(try await sequences(log, after: 1_990) == Array(1_991...2_000))
            // A line of these has about 900 bytes.
            #expect((2_000 - oldest) * 1_000 > UInt64(limit / 2))
        }
    }

    @Test func filtersAndPages() async throws {
        let log = try open()
        try await withHub(log) { hub in
            for _ in 0..<300 {
                hub.publish(Samples.tokens("front-door"))
                hub.publish(Samples.caption("back-door"))
            }
            try await eventually { hub.status.committed == 600 }
        }
        let reopened = try open()
        let filter = EventFilter(streams: [Glob("back-*")], types: [Glob("caption.*")])
        let first = try await reopened.page(after: 0, filter: filter)
        #expect(first.lines.count < 300, "a page has its limits")
        let rest = try await reopened.page(after: first.through, filter: filter)
        #expect((first.lines + rest.lines).compactMap(sequence) == Array(stride(from: 2, through: 600, by: 2)))
        #expect(rest.through == 600)
        let nothing = try await reopened.page(after: 0, filter: EventFilter(streams: [Glob("x")]))
        #expect(nothing.lines.isEmpty)
        #expect(nothing.through == 600)
    }

    @Test func eventsThatCannotBeWrittenAreTold() async throws {
        let log = try open()
        let path = path
        try await withHub(log, capacity: 10) { hub in
            try await fill(hub, 1)
            let other = try DatabaseQueue(path: path)
            try other.inDatabase { db in
                // Another writer holds the file: the hub cannot commit.
                try db.execute(sql: "BEGIN IMMEDIATE")
                for index in 0..<100 { hub.publish(Samples.tokens(index: index)) }
                try db.execute(sql: "COMMIT")
            }
            try await eventually { hub.status.committed == hub.status.accepted }
            let status = hub.status
            #expect(status.accepted == 101)
            #expect((80...90).contains(status.lost))
            let lines = try await log.page(after: 0, filter: EventFilter()).lines
            #expect(lines.compactMap(sequence).count == 101 - status.lost)
            let losses = lines.compactMap { JSONValue($0) }.filter { $0["sequence"] == nil }.compactMap { $0["data"] }
            #expect(losses.allSatisfy { $0["cause"]?.string == "overload" })
            let lost = try losses.flatMap { loss in
                let from = try #require(loss["from_seq"]?.string.flatMap { UInt64($0) })
                return Array(from...(try #require(loss["to_seq"]?.string.flatMap { UInt64($0) })))
            }
            #expect((lines.compactMap(sequence) + lost).sorted() == Array(1...101))
        }
    }

    @Test func aFullDiskIsTold() async throws {
        let log = try open(pages: 30)
        await #expect(throws: EventLogError.self) {
            try await withHub(log) { hub in
                for index in 0..<500 { hub.publish(Samples.tokens(index: index)) }
                try await eventually { hub.status.failure != nil }
                let failure = try #require(hub.status.failure)
                #expect(failure.reason == .full)
                #expect(failure.description.contains(path) && failure.description.contains("free space"))
            }
        }
    }

    @Test func aDamagedLogIsTold() throws {
        try Data(repeating: 0x5A, count: 8_192).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: EventLogError.self) { try open() }
        #expect(error?.reason == .damaged)
        #expect(error?.description.contains(path) == true)
        #expect(error?.description.contains("move the file") == true)
    }

    private func edit(_ sql: String) throws {
        try DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(sql: sql) }
    }

    /// Text where a number belongs, NULL, numbers that are negative or too large, and what is missing.
    @Test(arguments: [
        "UPDATE state SET newest = 'many'", "UPDATE state SET newest = -1",
        "UPDATE state SET newest = 9223372036854775807",
        "UPDATE state SET newest = 5.5", "UPDATE state SET newest = x'00'", "UPDATE state SET newest = 2",
        "UPDATE state SET closed = 'yes'", "UPDATE state SET closed = 0, boot_id = x'FF'", "DELETE FROM state",
        "UPDATE epochs SET first = 0", "UPDATE epochs SET first = 'one'",
        "UPDATE epochs SET first = 9223372036854775807",
        "UPDATE epochs SET name = x'00'", "DELETE FROM epochs", "UPDATE streams SET session = 'last'",
        "UPDATE streams SET session = -3", "UPDATE streams SET session = 9223372036854775807",
        "UPDATE events SET last = 'x' WHERE sequence = 3", "UPDATE events SET last = -7 WHERE sequence = 3",
        "UPDATE events SET last = 9223372036854775807 WHERE sequence = 3",
        "UPDATE events SET last = 4 WHERE sequence = 3",
        "UPDATE events SET line = x'FFFE' WHERE sequence = 3", "UPDATE events SET name = x'FFFE' WHERE sequence = 3",
        "UPDATE events SET stream = 7.5 WHERE sequence = 3; UPDATE events SET stream = x'00' WHERE sequence = 3",
        "UPDATE events SET sequence = 0 WHERE sequence = 1",
        "UPDATE events SET sequence = -9223372036854775808 WHERE sequence = 1",
        "UPDATE events SET sequence = 9223372036854775807 WHERE sequence = 5", "DROP TABLE state", "DROP TABLE epochs",
        "DROP TABLE streams", "DROP TABLE events", "ALTER TABLE state DROP COLUMN closed",
        "ALTER TABLE epochs DROP COLUMN first",
        "ALTER TABLE streams DROP COLUMN session",
        "DROP TRIGGER caption_added; ALTER TABLE events DROP COLUMN line",
        "ALTER TABLE events RENAME TO other; CREATE TABLE events (sequence, last, time_ns, name, stream, line); "
            + "INSERT INTO events VALUES (1, 1, 1, NULL, NULL, NULL)",
        "ALTER TABLE state RENAME TO other; CREATE TABLE state (newest, boot_id, closed); INSERT INTO state VALUES (NULL, NULL, NULL)",
    ])
    func aLogEditedByHandIsDamaged(sql: String) async throws {
        let log = try open()
        try await withHub(log) { try await fill($0, 5) }
        try edit(sql)
        let error = await #expect(throws: EventLogError.self) {
            let log = try open()
            _ = try log.lastSession(stream: "front-door")
            _ = try await log.oldest()
            #expect(try await sequences(log) == [1, 2, 3, 4, 5])
            try await withHub(log) { try await fill($0, 1) }
        }
        #expect(error?.reason == .damaged, "\(error?.description ?? "opened")")
        #expect(error?.description.contains(path) == true)
    }

    @Test func anotherProgramsDatabaseIsLeftAlone() throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE recipes (name TEXT)") }
        let error = #expect(throws: EventLogError.self) { try open() }
        #expect(error?.reason == .foreign)
        #expect(error?.path == path)
    }

    @Test(arguments: ["/proc/videowire/events.db", "/dev/null/events.db", "/proc"])
    func anUnwritablePathIsTold(path: String) {
        let error = #expect(throws: EventLogError.self) { try open(path) }
        #expect(error?.reason == .unwritable)
        #expect(error?.description.contains("choose another path") == true)
    }

    @Test func oneProcessHoldsALog() throws {
        let log = try open()
        let error = #expect(throws: EventLogError.self) { try open() }
        #expect(error?.reason == .inUse)
        try log.close()
    }
}
