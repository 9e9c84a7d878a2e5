internal import FoundationEssentials
internal import GRDB
internal import Media
internal import Memory

/// Width and height in pixels.
struct VideoSize: Sendable, Hashable {
    var width: Int
    var height: Int
}

/// What is stored of a stream's memory.
struct StoredMemory: Sendable {
    /// `TokenizerDescription.identity` of the tokenizer.
    var tokenizer: String
    /// The size of the newest clip's pictures; nil where nothing was remembered since the start.
    var video: VideoSize?
    var seen: Int64
    var newest: MemoryPoint?
    var slots: [MemorySlot]

    /// - Throws: `MemoryError` for slots that no bank could have had.
    func bank(_ limits: MemoryLimits) throws(MemoryError) -> MemoryBank {
        try MemoryBank(limits, seen: seen, newest: newest, slots: slots)
    }

    /// As it was stored, whatever its limits were.
    ///
    /// - Throws: as `bank`.
    func bank() throws(MemoryError) -> MemoryBank {
        let isByLocation = slots.contains { $0.runs.count > 1 }
        return try bank(MemoryLimits(merge: isByLocation ? .location : .clip, slots: .max, bytes: .max))
    }

    /// By the numbers of the slots.
    var revisions: [Int64: Int64] { Dictionary(slots.map { ($0.id, $0.record.revision) }) { $1 } }
}

/// The tables of the memory and the statements on them: a row a stream, a row a slot, and a row an erasure that was asked for and is not
/// done yet.
///
/// Version 1 had no erasures; a file of it is brought up to date when it is opened for writing.
enum MemorySchema {
    /// "vwmm", so that no other program's database is taken for a memory.
    static let applicationID = 0x7677_6D6D
    static let version = 2

    private static let point = ["session", "clip", "time", "utc", "position"]
    private static let slotColumns =
        ["stream", "first", "last", "weight", "revision", "remembered_from", "remembered_to"]
        + point.map { "start_\($0)" } + point.map { "end_\($0)" }
        + ["channels", "features", "runs", "key_ids", "motion_ids"]
    private static let bankColumns = ["stream", "tokenizer", "width", "height", "seen"] + point.map { "newest_\($0)" }

    static func setUp(_ db: Database) throws {
        guard try self.version(of: db) != version else { return }
        try db.inTransaction(.immediate) {
            if try self.version(of: db) == nil {
                try db.execute(
                    sql: """
                        CREATE TABLE banks (\(bankColumns.joined(separator: ", ")), PRIMARY KEY (stream));
                        CREATE TABLE slots (\(slotColumns.joined(separator: ", ")), PRIMARY KEY (stream, first));
                        PRAGMA application_id = \(applicationID);
                        """)
            }
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS erasures (
                        number INTEGER PRIMARY KEY AUTOINCREMENT, stream, from_utc, to_utc);
                    PRAGMA user_version = \(version);
                    """)
            return .commit
        }
    }

    /// Nil for an empty file.
    ///
    /// - Throws: `MemoryStoreError` for a database of something else.
    static func version(of db: Database) throws -> Int? {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        if application == applicationID, (1...Self.version).contains(version) { return version }
        guard application == 0, version == 0, tables == 0 else {
            throw MemoryStoreError(
                path: "", reason: .foreign, detail: "application id \(application), version \(version), not a memory")
        }
        return nil
    }

    // MARK: - Reading

    static func load(_ db: Database) throws -> [String: StoredMemory] {
        var memories: [String: StoredMemory] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT * FROM banks") {
            let row = MemoryRow(row: row, table: "banks")
            let stream = try row.text("stream")
            let isNew = try row.number("seen") == 0
            memories[stream] = StoredMemory(
                tokenizer: try row.text("tokenizer"), video: try video(row), seen: try row.number("seen"),
                newest: isNew ? nil : try row.point("newest"), slots: try slots(db, of: stream))
        }
        return memories
    }

    private static func video(_ row: MemoryRow) throws -> VideoSize? {
        let sides = (try row.number("width", in: 0...1 << 20), try row.number("height", in: 0...1 << 20))
        return sides.0 > 0 && sides.1 > 0 ? VideoSize(width: Int(sides.0), height: Int(sides.1)) : nil
    }

    private static func slots(_ db: Database, of stream: String) throws -> [MemorySlot] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT * FROM slots WHERE stream = ? ORDER BY first", arguments: [stream])
        return try rows.map { try slot(MemoryRow(row: $0, table: "slots")) }
    }

    private static func slot(_ row: MemoryRow) throws -> MemorySlot {
        let remembered = (from: try row.utc("remembered_from"), to: try row.utc("remembered_to"))
        guard remembered.from <= remembered.to else { throw row.damage("remembered_to", "is before remembered_from") }
        let runs = try row.numbers("runs", of: Int64.self)
        guard runs.count % 3 == 0 else { throw row.damage("runs", "has \(runs.count) numbers") }
        let record = MemoryRecord(
            run: MemoryRun(
                first: try row.number("first"), last: try row.number("last"), weight: try row.number("weight")),
            span: MemorySpan(start: try row.point("start"), end: try row.point("end")),
            remembered: remembered.from...remembered.to,
            key: try row.numbers("key_ids", of: Int32.self).map { Int($0) },
            motion: try row.numbers("motion_ids", of: Int32.self).map { Int($0) },
            revision: try row.number("revision"))
        return MemorySlot(
            record: record,
            features: ClipFeatures(
                columns: Int(try row.number("channels")),
                values: try row.numbers("features", of: UInt32.self).map { Float(bitPattern: $0) }),
            runs: stride(from: 0, to: runs.count, by: 3).map {
                MemoryRun(first: runs[$0], last: runs[$0 + 1], weight: runs[$0 + 2])
            })
    }

    // MARK: - Writing

    /// Writes the slots that differ from those that are there, and deletes what is there besides.
    ///
    /// - Parameter written: the revisions of the slots that are there, by their numbers.
    static func write(
        _ bank: MemoryBank, tokenizer: String, video: VideoSize?, stream: String, over written: [Int64: Int64],
        _ db: Database
    ) throws {
        let kept = Set(bank.summary.map(\.run.first))
        let delete = try db.cachedStatement(sql: "DELETE FROM slots WHERE stream = ? AND first = ?")
        for first in written.keys where !kept.contains(first) { try delete.execute(arguments: [stream, first]) }
        if bank.summary.contains(where: { written[$0.run.first] != $0.revision }) {
            let insert = try db.cachedStatement(sql: replacing("slots", slotColumns))
            for slot in bank.slots where written[slot.id] != slot.record.revision {
                try insert.execute(arguments: StatementArguments([stream] + values(of: slot)))
            }
        }
        let update = try db.cachedStatement(sql: replacing("banks", bankColumns))
        let facts: [(any DatabaseValueConvertible)?] = [
            stream, tokenizer, video?.width ?? 0, video?.height ?? 0, bank.seen,
        ]
        try update.execute(arguments: StatementArguments(facts + values(of: bank.newest)))
    }

    // MARK: - Erasing

    static func ask(_ erasure: MemoryErasure, _ db: Database) throws -> Int64 {
        try db.execute(
            sql: "INSERT INTO erasures (stream, from_utc, to_utc) VALUES (?, ?, ?)",
            arguments: [erasure.stream, erasure.from.nanoseconds, erasure.to.nanoseconds])
        return db.lastInsertedRowID
    }

    static func erasures(_ db: Database) throws -> [AskedErasure] {
        try Row.fetchAll(db, sql: "SELECT * FROM erasures ORDER BY number").map { row in
            let row = MemoryRow(row: row, table: "erasures")
            return AskedErasure(
                number: try row.number("number"),
                erasure: MemoryErasure(
                    stream: try row.text("stream"), from: try row.utc("from_utc"), to: try row.utc("to_utc")))
        }
    }

    static func remove(_ asked: AskedErasure, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM erasures WHERE number = ?", arguments: [asked.number])
    }

    private static func replacing(_ table: String, _ columns: [String]) -> String {
        "INSERT OR REPLACE INTO \(table) (\(columns.joined(separator: ", "))) "
            + "VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))"
    }

    private static func values(of slot: MemorySlot) -> [(any DatabaseValueConvertible)?] {
        let record = slot.record
        let numbers: [(any DatabaseValueConvertible)?] = [
            record.run.first, record.run.last, record.run.weight, record.revision,
            record.remembered.lowerBound.nanoseconds, record.remembered.upperBound.nanoseconds,
        ]
        return numbers + values(of: record.span.start) + values(of: record.span.end) + [
            slot.features.columns, blob(slot.features.values.map(\.bitPattern)),
            blob(slot.runs.flatMap { [$0.first, $0.last, $0.weight] }),
            blob(slot.key.map { Int32(clamping: $0) }), blob(slot.motion.map { Int32(clamping: $0) }),
        ]
    }

    private static func values(of point: MemoryPoint?) -> [(any DatabaseValueConvertible)?] {
        [point?.session, point?.clip, point?.time.units, point?.utc?.nanoseconds, point?.position.units]
    }

    private static func blob<Number: FixedWidthInteger>(_ numbers: [Number]) -> Data {
        numbers.map(\.littleEndian).withUnsafeBytes { Data($0) }
    }
}
