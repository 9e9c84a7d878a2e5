/// Why a consumer does not get events that were numbered.
public enum LossCause: String, Sendable, Hashable, CaseIterable {
    /// It did not read fast enough.
    case slowConsumer = "slow-consumer"
    /// They had been deleted when it came to them.
    case retention
    /// Its last event belongs to a log that is gone.
    case epoch
    /// The log could not be written fast enough, or at all.
    case overload
    /// The line would have been longer than `max_line_bytes`.
    case tooLong = "too-long"
    /// They were erased on demand (`videowire forget`).
    case forgotten
}

extension Event {
    static func logLost(_ cause: LossCause, range: ClosedRange<UInt64>? = nil) -> Event {
        Event(.logLost) { data in
            data.add("from_seq", range.map { EventNumbering.digits($0.lowerBound) })
            data.add("to_seq", range.map { EventNumbering.digits($0.upperBound) })
            data.add("cause", cause.rawValue)
        }
    }
}
