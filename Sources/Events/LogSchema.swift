internal import GRDB
internal import Media

/// The tables of the log and the statements on them.
///
/// `events` holds a line for each number; a loss is one row that stands for a run of numbers. `epochs` tells where each
/// epoch began. `state` is one row: the newest number ever given, the boot in which the log was last open, and whether
/// it was closed. `streams` keeps the last session of each stream beyond retention. `captions` is the full-text index (`CaptionIndex`).
///
/// Version 1 had no index, and `state` no count of what was forgotten; a log of it is brought up to date when a daemon opens it.
struct LogSchema {
    /// "vwir", so that no other program's database is taken for a log.
    static let applicationID = 0x7677_6972
    static let version = 2

    let bootID: String
    let pageLimit: Int?

    struct State: Sendable {
        var epochs: EpochHistory
        var newest: UInt64
    }

    func setUp(_ db: Database) throws {
        if let pageLimit { try db.execute(sql: "PRAGMA max_page_count = \(pageLimit)") }
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        if application == Self.applicationID, version == Self.version { return }
        let isOld = application == Self.applicationID && version == 1
        guard isOld || (application == 0 && version == 0 && tables == 0) else {
            throw EventLogError(
                path: "", reason: .foreign, detail: "application id \(application), version \(version), not a log")
        }
        try db.inTransaction {
            if !isOld { try Self.createTables(db) }
            try db.execute(sql: "ALTER TABLE state ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0")
            try CaptionIndex.create(db)
            try db.execute(sql: "PRAGMA user_version = \(Self.version)")
            return .commit
        }
    }

    /// Those of version 1.
    private static func createTables(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE events (
                    sequence INTEGER PRIMARY KEY, last INTEGER NOT NULL, time_ns INTEGER NOT NULL, name TEXT NOT NULL,
                    stream TEXT, line TEXT NOT NULL);
                CREATE INDEX events_time ON events (time_ns);
                CREATE TABLE epochs (first INTEGER NOT NULL, name TEXT NOT NULL);
                CREATE TABLE state (newest INTEGER NOT NULL, boot_id TEXT NOT NULL, closed INTEGER NOT NULL);
                CREATE TABLE streams (name TEXT PRIMARY KEY, session INTEGER NOT NULL) WITHOUT ROWID;
                INSERT INTO state VALUES (0, '', 0);
                PRAGMA application_id = \(applicationID);
                """)
    }

    /// For those who open a log that is there.
    /// - Throws: `EventLogError` where it is none, or of another version.
    static func checkVersion(_ db: Database) throws {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if application == applicationID, version == Self.version { return }
        let isOld = application == applicationID && version < Self.version
        throw EventLogError(
            path: "", reason: isOld ? .outdated : .foreign,
            detail: isOld
                ? "version \(version) of a log, not \(Self.version)"
                : "application id \(application), version \(version), not a log")
    }

    /// Finds out how the last run ended and marks the beginning of this one.
    func begin(_ db: Database) throws -> State {
        guard let row = try LogRow.fetchOne(db, from: "state", sql: "SELECT newest, boot_id, closed FROM state") else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "table state is empty")
        }
        let newest = try row.number("newest")
        let wasPowerCut = try row.number("closed") == 0 && row.text("boot_id") != bootID
        if wasPowerCut {
            try db.execute(sql: "INSERT INTO epochs VALUES (?, ?)", arguments: [newest + 1, ULID.make()])
        }
        try db.execute(sql: "UPDATE state SET boot_id = ?, closed = 0", arguments: [bootID])
        return State(epochs: EpochHistory(epochs: try Self.epochs(db, newest: newest)), newest: newest)
    }

    /// Each begins behind the one before it, and none behind the next number.
    private static func epochs(_ db: Database, newest: UInt64) throws -> [(name: String, first: UInt64)] {
        let rows = try LogRow.fetchAll(db, from: "epochs", sql: "SELECT name, first FROM epochs ORDER BY rowid")
        var epochs: [(name: String, first: UInt64)] = []
        for row in rows {
            let first = try row.number("first", in: max(epochs.last?.first ?? 1, 1)...newest + 1)
            epochs.append((try row.text("name"), first))
        }
        guard !epochs.isEmpty else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "table epochs is empty")
        }
        return epochs
    }

    /// The highest session of a stream; nil for one that never had any.
    static func lastSession(_ db: Database, stream: String) throws -> Int? {
        let row = try LogRow.fetchOne(
            db, from: "streams", sql: "SELECT session FROM streams WHERE name = ?", arguments: [stream])
        return try row.map { Int(try $0.number("session")) }
    }

    static func end(_ db: Database) throws {
        try db.execute(sql: "UPDATE state SET closed = 1")
    }

    static func insert(_ records: [LogRecord], _ db: Database) throws {
        guard let newest = records.last?.last else { return }
        let event = try db.cachedStatement(sql: "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)")
        let session = try db.cachedStatement(
            sql: """
                INSERT INTO streams VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET session = excluded.session WHERE excluded.session > session
                """)
        for record in records {
            try event.execute(arguments: [
                record.sequence, record.last, record.time.nanoseconds, record.name.rawValue, record.stream, record.line,
            ])
            if let stream = record.stream, let number = record.session {
                try session.execute(arguments: [stream, number])
            }
        }
        try db.execute(sql: "UPDATE state SET newest = ?", arguments: [newest])
    }

    static func oldest(_ db: Database) throws -> UInt64 {
        try LogRow.fetchOne(db, from: "events", sql: "SELECT min(sequence) AS sequence FROM events")?
            .numberIfAny("sequence") ?? newest(db) + 1
    }

    private static func newest(_ db: Database) throws -> UInt64 {
        try LogRow.fetchOne(db, from: "state", sql: "SELECT newest FROM state")?.number("newest") ?? 0
    }

    static func page(_ db: Database, after cursor: UInt64, filter: EventFilter) throws -> LogPage {
        /// Rows looked at for one page: bounds the time a reader is held by a filter that matches little.
        let maximumRows = 4_096
        let newest = try newest(db)
        var page = LogPage(lines: [], through: cursor, oldest: try oldest(db))
        var (bytes, rowCount) = (0, 0)
        let statement = try db.cachedStatement(
            sql: """
                SELECT sequence, last, name, stream, line FROM events WHERE sequence > ? ORDER BY sequence LIMIT \(maximumRows)
                """)
        let rows = try Row.fetchCursor(statement, arguments: [cursor])
        while let next = try rows.next() {
            let row = LogRow(row: next, table: "events")
            let sequence = try row.number("sequence")
            guard sequence > page.through else { throw row.damage("last", "reaches beyond the next row") }
            guard sequence <= newest else { throw row.damage("sequence", "is beyond the newest number") }
            if filter.matches(stream: try row.textIfAny("stream"), name: try row.text("name")) {
                if page.isFull(bytes: bytes) { return page }
                let line = try row.text("line")
                page.lines.append(line)
                bytes += line.utf8.count
            }
            page.through = try row.number("last", in: sequence...newest)
            rowCount += 1
        }
        if rowCount < maximumRows { page.through = max(cursor, newest) }
        return page
    }

    static func cursor(_ db: Database, at time: UTC) throws -> UInt64 {
        let first = try LogRow.fetchOne(
            db, from: "events", sql: "SELECT min(sequence) AS sequence FROM events WHERE time_ns >= ?",
            arguments: [time.nanoseconds])
        guard let first = try first?.numberIfAny("sequence") else { return try newest(db) }
        return first - 1
    }

    /// Deletes up to 500 of the oldest records that are older than a time or that are too much.
    static func trim(_ db: Database, olderThan time: Int64, maximumBytes: Int) throws -> Int {
        let used = try Int.fetchOne(
            db,
            sql: """
                SELECT (page_count - freelist_count) * page_size
                FROM pragma_page_count, pragma_freelist_count, pragma_page_size
                """)
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM (SELECT 1 FROM events LIMIT 1000)") ?? 0
        if let used, used > maximumBytes, count > 0 {
            // A tenth of a small log, so that a small limit does not empty it.
            try db.execute(
                sql: """
                    DELETE FROM events WHERE sequence IN (SELECT sequence FROM events ORDER BY sequence LIMIT ?)
                    """, arguments: [max(1, count / 10)])
        } else {
            try db.execute(
                sql: """
                    DELETE FROM events WHERE sequence IN (
                        SELECT sequence FROM events
                        WHERE sequence <= (SELECT max(sequence) FROM events WHERE time_ns < ?)
                        ORDER BY sequence LIMIT 500)
                    """, arguments: [time])
        }
        return db.changesCount
    }
}
