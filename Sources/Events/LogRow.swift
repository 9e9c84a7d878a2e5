internal import GRDB

/// A row of the log that may hold anything: files are edited by hand, and disks fail. SQLite keeps a text in a column of
/// numbers, and GRDB's own conversions end the process there.
struct LogRow {
    /// SQLite's integers end at 2⁶³ − 1; this much below it every sum of a number and a few fits.
    static let maximum: UInt64 = 1 << 62

    let row: Row
    let table: String

    static func fetchOne(
        _ db: Database, from table: String, sql: String, arguments: StatementArguments = StatementArguments()
    ) throws -> LogRow? {
        try Row.fetchOne(db, sql: sql, arguments: arguments).map { LogRow(row: $0, table: table) }
    }

    static func fetchAll(_ db: Database, from table: String, sql: String) throws -> [LogRow] {
        try Row.fetchAll(db, sql: sql).map { LogRow(row: $0, table: table) }
    }

    /// - Throws: `DatabaseError` of code `SQLITE_CORRUPT` for anything but an integer in the range.
    func number(_ column: String, in range: ClosedRange<UInt64> = 0...maximum) throws -> UInt64 {
        guard case .int64(let value)? = value(column), let number = UInt64(exactly: value), range.contains(number)
        else {
            throw damage(column, "is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Nil for NULL: the number of a row, from 1.
    func numberIfAny(_ column: String) throws -> UInt64? {
        if case .null? = value(column) { nil } else { try number(column, in: 1...Self.maximum) }
    }

    /// - Throws: as `number`, for anything but text.
    func text(_ column: String) throws -> String {
        guard case .string(let text)? = value(column) else { throw damage(column, "is no text") }
        return text
    }

    /// Nil for NULL.
    func textIfAny(_ column: String) throws -> String? {
        if case .null? = value(column) { nil } else { try text(column) }
    }

    func damage(_ column: String, _ problem: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "table \(table): \(column) \(problem)")
    }

    private func value(_ column: String) -> DatabaseValue.Storage? {
        (row[column] as DatabaseValue?)?.storage
    }
}
