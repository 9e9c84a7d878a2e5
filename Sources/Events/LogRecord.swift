internal import Media

/// A row of the log: an event's line and what it is found by; or the notice that a run of numbers was lost.
struct LogRecord: Sendable, Hashable {
    var sequence: UInt64
    /// The last number it stands for: `sequence`, but for losses.
    var last: UInt64
    var time: UTC
    var stream: String?
    var name: EventName
    var session: Int?
    /// Set for losses.
    var cause: LossCause?
    var line: String

    init(_ event: Event, numbering: inout EventNumbering, time: UTC) {
        line = numbering.line(for: event, time: time)
        sequence = numbering.newest
        last = numbering.newest
        self.time = time
        stream = event.stream
        name = event.name
        session = event.session
    }

    init(lost range: ClosedRange<UInt64>, cause: LossCause, epoch: String, time: UTC) {
        line = EventNumbering.lossLine(range, cause: cause, epoch: epoch, time: time)
        sequence = range.lowerBound
        last = range.upperBound
        self.time = time
        name = .logLost
        self.cause = cause
    }
}

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

/// What a reader gets at once.
package struct LogPage: Sendable, Hashable {
    /// Lines of matching events after the cursor, in order.
    package var lines: [String]
    /// The new cursor: everything up to it that matches is in `lines` or was before them.
    package var through: UInt64
    /// The oldest number that is still there; one more than the newest where none is.
    package var oldest: UInt64

    package init(lines: [String], through: UInt64, oldest: UInt64) {
        self.lines = lines
        self.through = through
        self.oldest = oldest
    }

    /// Most lines and bytes of a page; a page holds at least one line.
    static let maximumLines = 256
    static let maximumBytes = 128 << 10
}

/// The epochs of a log and the first number of each, oldest first.
package struct EpochHistory: Sendable {
    package var epochs: [(name: String, first: UInt64)]

    package init(epochs: [(name: String, first: UInt64)]) {
        self.epochs = epochs
    }

    var current: String { epochs.last?.name ?? "" }

    /// Where to go on after the last event seen; nil where this log cannot tell.
    ///
    /// An old epoch ended with a power cut. What it lost then is gone, so reading goes on with the next epoch.
    package func cursor(epoch: String, sequence: UInt64, newest: UInt64) -> UInt64? {
        guard let index = epochs.firstIndex(where: { $0.name == epoch }) else { return nil }
        guard index + 1 < epochs.count else { return sequence <= newest ? sequence : nil }
        return min(sequence, epochs[index + 1].first - 1)
    }
}
