internal import FoundationEssentials
internal import GRDB
internal import Media
internal import Memory

/// A row that may hold anything: files are edited by hand, and disks fail. GRDB's own conversions end the process there.
struct MemoryRow {
    let row: Row
    let table: String

    /// - Throws: `DatabaseError` of code `SQLITE_CORRUPT` for anything but an integer in the range.
    func number(_ column: String, in range: ClosedRange<Int64> = 0...1 << 60) throws -> Int64 {
        guard case .int64(let value)? = value(column), range.contains(value) else {
            throw damage(column, "is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func time(_ column: String) throws -> MediaTime {
        // As many as a count of nanoseconds can tell.
        MediaTime(units: try number(column, in: -(Int64.max / 100_000 * 9)...Int64.max / 100_000 * 9))
    }

    func utc(_ column: String) throws -> UTC { UTC(nanoseconds: try number(column, in: .min...(.max))) }

    func utcIfAny(_ column: String) throws -> UTC? {
        if case .null? = value(column) { nil } else { try utc(column) }
    }

    func text(_ column: String) throws -> String {
        guard case .string(let text)? = value(column) else { throw damage(column, "is no text") }
        return text
    }

    /// Little-endian integers without gaps.
    func numbers<Number: FixedWidthInteger>(_ column: String, of: Number.Type) throws -> [Number] {
        let size = MemoryLayout<Number>.size
        // SQLite gives nothing for an empty blob.
        if case .null? = value(column) { return [] }
        guard case .blob(let data)? = value(column), data.count % size == 0 else {
            throw damage(column, "is no list of numbers of \(size) bytes")
        }
        return data.withUnsafeBytes { bytes in
            (0..<bytes.count / size).map {
                Number(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: Number.self))
            }
        }
    }

    /// The columns of a point, each with a name before its own.
    func point(_ name: String) throws -> MemoryPoint {
        MemoryPoint(
            session: Int(try number("\(name)_session")), clip: Int(try number("\(name)_clip")),
            time: try time("\(name)_time"), utc: try utcIfAny("\(name)_utc"),
            position: MemoryTime(units: try number("\(name)_position", in: 0...(.max))))
    }

    func damage(_ column: String, _ problem: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "table \(table): \(column) \(problem)")
    }

    private func value(_ column: String) -> DatabaseValue.Storage? {
        (row[column] as DatabaseValue?)?.storage
    }
}
