internal import GRDB
package import Media

/// Erases what a log tells of a stream in a span of time, also while a daemon writes it. Blocks; one thread uses it.
///
/// Erased events leave a `log.lost` of cause `forgotten` in place of their numbers, so that consumers go on where they were. The file is
/// written anew afterwards, and its write-ahead log emptied: the bytes are in neither.
package final class LogEraser: Sendable {
    /// What is to be erased: events emitted in the span, or about pictures taken in it.
    package struct Span: Sendable, Hashable {
        package var stream: String
        package var from: UTC
        package var to: UTC

        package init(stream: String, from: UTC, to: UTC) {
            self.stream = stream
            self.from = from
            self.to = to
        }
    }

    /// What there is of a span.
    package struct Findings: Sendable, Hashable {
        /// Events by name.
        package var counts: [String: Int] = [:]
        /// `SESSION/CLIP` of the clips whose events they are.
        package var clips: Set<String> = []
        var rows: [Found] = []

        package var isEmpty: Bool { rows.isEmpty }
    }

    struct Found: Sendable, Hashable {
        var sequence: UInt64
        var last: UInt64
        var time: UInt64
    }

    /// Rows that are erased at a time, so that a daemon's commits come between.
    private static let step = 200

    private let path: String
    private let database: DatabaseQueue

    /// - Throws: `EventLogError`.
    package init(path: String) throws {
        self.path = path
        do {
            var configuration = Configuration()
            // Longer than any commit of a daemon.
            configuration.busyMode = .timeout(30)
            configuration.prepareDatabase { try LogSchema.eraseWhatIsDeleted($0) }
            // Only to see whether it is there: a connection that writes would make it.
            _ = try LogReader(path: path)
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.read { try LogSchema.checkVersion($0) }
        } catch {
            throw EventLogError(path: path, error)
        }
    }

    /// - Throws: `EventLogError`.
    package func find(_ span: Span) throws -> Findings {
        try perform { try LogSchema.find(span, $0) }
    }

    /// Erases what was found, and rewrites the file without it.
    ///
    /// - Returns: false where parts may still be in the write-ahead log, because somebody reads an older state; the daemon's next checkpoint
    ///   takes them away.
    /// - Throws: `EventLogError`; what was erased by then stays erased, and another call does the rest.
    package func erase(_ findings: Findings, of stream: String) throws -> Bool {
        var rows = findings.rows[...]
        while !rows.isEmpty {
            let step = Array(rows.prefix(Self.step))
            rows = rows.dropFirst(Self.step)
            try perform { db in
                try db.inTransaction {
                    try LogSchema.forget(step, stream: stream, db)
                    return .commit
                }
            }
        }
        try perform { try CaptionIndex.purge($0) }
        // Deleting overwrites, but pages that were moved about earlier may hold copies.
        try perform { try $0.execute(sql: "VACUUM") }
        do {
            _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            return true
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return false
        } catch {
            throw EventLogError(path: path, error)
        }
    }

    private func perform<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try database.writeWithoutTransaction(body)
        } catch {
            throw EventLogError(path: path, error)
        }
    }
}

extension LogSchema {
    /// Events that tell when a stream was there, and nothing of what it showed, stay.
    private static let kept = "('stream.state', 'stream.gap', 'log.lost')"

    /// Deleted bytes are overwritten with zeros, in the rows as in the pages that are no longer used.
    static func eraseWhatIsDeleted(_ db: Database) throws {
        _ = try Row.fetchOne(db, sql: "PRAGMA secure_delete = ON")
    }

    static func find(_ span: LogEraser.Span, _ db: Database) throws -> LogEraser.Findings {
        func field(_ name: String) -> String {
            """
            coalesce(json_extract(line, '$.data.clip.\(name)'), json_extract(line, '$.data.\(name)'))
            """
        }
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT sequence, last, time_ns, name, CASE WHEN json_valid(line) THEN json_extract(line, '$.subject') END AS subject
                FROM events WHERE stream = :stream AND name NOT IN \(kept) AND (time_ns BETWEEN :from AND :to
                    OR CASE WHEN json_valid(line) THEN \(field("utc_start")) <= :last AND \(field("utc_end")) >= :first END)
                ORDER BY sequence
                """,
            arguments: [
                "stream": span.stream, "from": span.from.nanoseconds, "to": span.to.nanoseconds,
                "first": span.from.rfc3339, "last": span.to.rfc3339,
            ])
        var findings = LogEraser.Findings()
        while let next = try rows.next() {
            let row = LogRow(row: next, table: "events")
            let name = try row.text("name")
            findings.counts[name, default: 0] += 1
            if name.hasPrefix("clip."), let subject = try row.textIfAny("subject") { findings.clips.insert(subject) }
            findings.rows.append(
                LogEraser.Found(
                    sequence: try row.number("sequence"), last: try row.number("last"),
                    time: try row.number("time_ns")))
        }
        return findings
    }

    /// Puts a loss in the place of each run of events; what has gone meanwhile stays gone.
    static func forget(_ rows: [LogEraser.Found], stream: String, _ db: Database) throws {
        guard
            let epoch = try LogRow.fetchOne(
                db, from: "epochs", sql: "SELECT name FROM epochs ORDER BY first DESC LIMIT 1")?.text("name")
        else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "table epochs is empty") }
        let deletion = try db.cachedStatement(sql: "DELETE FROM events WHERE sequence = ?")
        var runs: [LogEraser.Found] = []
        for row in rows {
            try deletion.execute(arguments: [row.sequence])
            guard db.changesCount > 0 else { continue }
            if let run = runs.last, run.last + 1 == row.sequence {
                runs[runs.count - 1].last = row.last
            } else {
                runs.append(row)
            }
        }
        let now = UTC.now()
        for run in runs {
            let line = EventNumbering.lossLine(run.sequence...run.last, cause: .forgotten, epoch: epoch, time: now)
            try db.execute(
                sql: "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [run.sequence, run.last, run.time, EventName.logLost.rawValue, stream, line])
        }
        try db.execute(sql: "UPDATE state SET forgotten = forgotten + 1")
    }

    /// How often something was erased.
    static func forgotten(_ db: Database) throws -> UInt64 {
        try LogRow.fetchOne(db, from: "state", sql: "SELECT forgotten FROM state")?.number("forgotten") ?? 0
    }
}
