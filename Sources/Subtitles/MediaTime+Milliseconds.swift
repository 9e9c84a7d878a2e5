package import Media

/// Subtitle formats count milliseconds.
extension MediaTime {
    private static let unitsPerMillisecond: Int64 = 90

    package init(milliseconds: Int64) {
        self.init(units: milliseconds * Self.unitsPerMillisecond)
    }

    /// Whole milliseconds, rounded down.
    package var milliseconds: Int64 {
        let (quotient, remainder) = units.quotientAndRemainder(dividingBy: Self.unitsPerMillisecond)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The time rounded down to a whole millisecond, so that what is written is what was reckoned with.
    var atMillisecond: MediaTime { MediaTime(milliseconds: milliseconds) }
}
