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
