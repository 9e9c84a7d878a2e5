internal import Media

/// A point of a stream's whole remembered past, sessions and gaps included: counted from the start of the first clip that was ever remembered.
///
/// Media times of two sessions cannot be compared. Here they stand one after the other, as far apart as UTC tells, and without a hole where it
/// does not.
public struct MemoryTime: Sendable, Hashable, Comparable {
    /// Count of 1/90 000 s, as in `MediaTime`.
    public var units: Int64

    public init(units: Int64) {
        self.units = units
    }

    public static let zero = MemoryTime(units: 0)

    public var seconds: Double { Double(units) / Double(MediaTime.unitsPerSecond) }

    public static func < (a: Self, b: Self) -> Bool { a.units < b.units }

    /// Limited to what an integer holds: times come from cameras.
    func advanced(by units: Int64) -> MemoryTime {
        let (sum, overflow) = self.units.addingReportingOverflow(units)
        return MemoryTime(units: overflow ? (units > 0 ? .max : .min) : sum)
    }

    /// Units from another point to this one, limited to what an integer holds.
    func units(since other: MemoryTime) -> Int64 {
        units.limitedSubtracting(other.units)
    }
}

extension Int64 {
    func limitedSubtracting(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self > 0 ? .max : .min) : difference
    }
}
