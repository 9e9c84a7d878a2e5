internal import GRDB
package import Media

/// The full-text index over the texts of captions and answers (SQLite's FTS5), which version 2 of the log has.
///
/// A row of it has the number of its event. Triggers keep it in step with the events, whoever deletes them.
enum CaptionIndex {
    private static let names = "('caption.final', 'answer')"

    /// The searched text of an event line.
    private static func text(of line: String) -> String {
        """
        coalesce(json_extract(\(line), '$.data.question') || char(10), '') || coalesce(json_extract(\(line), '$.data.text'), '')
        """
    }

    /// Makes the index of the events that are there. `porter` finds "vans" for "van"; accents do not matter.
    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE VIRTUAL TABLE captions USING fts5(text, tokenize = 'porter unicode61 remove_diacritics 2');
                CREATE TRIGGER caption_added AFTER INSERT ON events WHEN new.name IN \(names) BEGIN
                    INSERT INTO captions (rowid, text)
                    SELECT new.sequence, \(text(of: "new.line")) WHERE json_valid(new.line);
                END;
                CREATE TRIGGER caption_deleted AFTER DELETE ON events WHEN old.name IN \(names) BEGIN
                    DELETE FROM captions WHERE rowid = old.sequence;
                END;
                INSERT INTO captions (rowid, text)
                SELECT sequence, \(text(of: "line")) FROM events WHERE name IN \(names) AND json_valid(line);
                """)
    }

    /// Makes the index forget the words of deleted rows, which it keeps in its older parts.
    static func purge(_ db: Database) throws {
        try db.execute(sql: "INSERT INTO captions (captions) VALUES ('optimize')")
    }

    static func search(_ search: CaptionSearch, _ db: Database) throws -> [FoundCaption] {
        guard let match = search.match else { return [] }
        let order = search.isBestFirst ? "captions.rank" : "captions.rowid DESC"
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT events.sequence AS sequence, time_ns, stream, line
                FROM captions CROSS JOIN events ON events.sequence = captions.rowid
                WHERE captions MATCH ? AND time_ns >= ? AND time_ns < ? ORDER BY \(order)
                """, arguments: [match, search.since?.nanoseconds ?? 0, search.until?.nanoseconds ?? Int64.max])
        var found: [FoundCaption] = []
        while found.count < search.limit, let next = try rows.next() {
            let row = LogRow(row: next, table: "events")
            let stream = try row.textIfAny("stream") ?? ""
            guard search.streams.isEmpty || search.streams.contains(where: { $0.matches(stream) }) else { continue }
            found.append(
                FoundCaption(
                    sequence: try row.number("sequence"), time: UTC(nanoseconds: Int64(try row.number("time_ns"))),
                    stream: stream, line: try row.text("line")))
        }
        return found
    }

    /// The line of a clip's tokens, looked for among the events of ten minutes before and after a time.
    static func clipLine(stream: String, subject: String, near time: UTC, _ db: Database) throws -> String? {
        let reach: Int64 = 600_000_000_000
        let row = try LogRow.fetchOne(
            db, from: "events",
            sql: """
                SELECT line FROM events WHERE time_ns BETWEEN ? AND ? AND name = 'clip.tokens' AND stream = ?
                AND json_valid(line) AND json_extract(line, '$.subject') = ? ORDER BY sequence DESC LIMIT 1
                """, arguments: [time.nanoseconds - reach, time.nanoseconds + reach, stream, subject])
        return try row?.text("line")
    }
}

/// What is looked for in captions.
package struct CaptionSearch: Sendable {
    /// What the text must have, as FTS5 spells it; nil where there is no word in it.
    let match: String?
    /// When it was emitted, from `since` up to and without `until`.
    package var since: UTC?
    package var until: UTC?
    /// Empty: all.
    package var streams: [Glob] = []
    package var limit = 20
    /// By how well they match; else the newest first.
    package var isBestFirst = false

    /// - Parameter text: words that must all be there; those between quotation marks stand together. Nothing in it is syntax.
    package init(_ text: String) {
        // Every second piece stands between quotation marks.
        let pieces = text.split(separator: "\"", omittingEmptySubsequences: false)
        let phrases = pieces.enumerated().flatMap { index, piece in
            index % 2 == 1 ? [piece] : piece.split(whereSeparator: \.isWhitespace)
        }
        let words = phrases.filter { $0.contains { $0.isLetter || $0.isNumber } }
        match = words.isEmpty ? nil : words.map { "\"\($0.filter { $0 != "\0" })\"" }.joined(separator: " ")
    }

    /// There is a word to look for.
    package var hasWords: Bool { match != nil }
}

/// A caption or an answer that was found.
package struct FoundCaption: Sendable, Hashable {
    package var sequence: UInt64
    /// When it was emitted.
    package var time: UTC
    package var stream: String
    /// The event.
    package var line: String
}
