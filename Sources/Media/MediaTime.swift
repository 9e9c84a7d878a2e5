/// A point on, or a span of, a session's media time: a whole number of 1/90 000 s.
///
/// 90 kHz is RTP's clock for video (RFC 3551 §5), so a file and the same file sent over RTP give the same numbers, and the
/// ticks of the clip rule (1/6 s = 15 000, 4 s = 360 000) are whole. Points of two sessions are never compared.
public struct MediaTime: Hashable, Comparable, Sendable {
    public static let unitsPerSecond: Int64 = 90_000

    /// Count of 1/90 000 s.
    public var units: Int64

    public init(units: Int64) {
        self.units = units
    }

    /// The nearest point to a count of nanoseconds; halves go up.
    public init(nanoseconds: Int64) {
        // 1 unit = 100 000 / 9 ns; floor((9n + 50 000) / 100 000), split so that 9n cannot overflow.
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 100_000)
        let numerator = remainder * 9 + 50_000
        let rounded = numerator >= 0 ? numerator / 100_000 : -((-numerator + 99_999) / 100_000)
        units = quotient * 9 + rounded
    }

    public init(seconds: Double) {
        units = Int64((seconds * Double(Self.unitsPerSecond)).rounded())
    }

    public static let zero = MediaTime(units: 0)

    /// Whole nanoseconds, rounded down: the `pts_ns` of events.
    public var nanoseconds: Int64 {
        let (quotient, remainder) = units.quotientAndRemainder(dividingBy: 9)
        return quotient * 100_000 + Int64((Double(remainder) * 100_000 / 9).rounded(.down))
    }

    public var seconds: Double { Double(units) / Double(Self.unitsPerSecond) }

    public static func < (a: Self, b: Self) -> Bool { a.units < b.units }
    public static func + (a: Self, b: Self) -> Self { Self(units: a.units + b.units) }
    public static func - (a: Self, b: Self) -> Self { Self(units: a.units - b.units) }
    public static func * (a: Self, n: Int64) -> Self { Self(units: a.units * n) }
}
