public import Media

/// Numbers events and wraps them into CloudEvents 1.0 JSON lines (github.com/cloudevents/spec, JSON event format).
///
/// The event log and one-shot runs use the same one; lines end without a newline.
public struct EventNumbering: Sendable {
    /// Names the run of numbers: two events with equal epoch and sequence are the same event.
    public let epoch: String
    /// The last number given, 0 before the first.
    public private(set) var newest: UInt64

    /// A new epoch that starts at 1, or the continuation of an old one after `newest`.
    public init(epoch: String? = nil, newest: UInt64 = 0) {
        self.epoch = epoch ?? ULID.make()
        self.newest = newest
    }

    /// The next line.
    ///
    /// - Parameter time: when the event is emitted; now by default.
    public mutating func line(for event: Event, time: UTC? = nil) -> String {
        let sequence = skip()
        let id = "\(epoch)/\(Self.digits(sequence))"
        return Self.envelope(event, id: id, epoch: epoch, sequence: sequence, time: time ?? .now())
    }

    /// The line of an event that is not numbered. Its id is new each time.
    public func unnumberedLine(for event: Event, time: UTC? = nil) -> String {
        Self.envelope(event, id: "\(epoch)/\(ULID.make())", epoch: epoch, time: time ?? .now())
    }

    /// Uses up a number for an event that is lost.
    mutating func skip() -> UInt64 {
        newest += 1
        return newest
    }

    /// The `log.lost` line that stands for numbered lines that cannot be had any more.
    public func lossLine(_ range: ClosedRange<UInt64>, cause: LossCause, time: UTC? = nil) -> String {
        Self.lossLine(range, cause: cause, epoch: epoch, time: time ?? .now())
    }

    static func lossLine(_ range: ClosedRange<UInt64>, cause: LossCause, epoch: String, time: UTC) -> String {
        envelope(
            .logLost(cause, range: range), id: "\(epoch)/lost/\(digits(range.lowerBound))", epoch: epoch, time: time)
    }

    /// A line without a number.
    static func envelope(_ event: Event, id: String, epoch: String, sequence: UInt64? = nil, time: UTC) -> String {
        JSONObject { line in
            line.add("specversion", "1.0")
            line.add("id", id)
            line.add("source", "/videowire" + (event.stream.map { "/" + percentEncoded($0) } ?? ""))
            line.add("type", event.name.type)
            line.add("subject", event.subject)
            line.add("time", time.rfc3339)
            line.add("sequence", sequence.map(digits))
            line.add("epoch", epoch)
            line.add("data", json: event.data)
        }.text
    }

    /// 20 digits, so that text order is number order.
    static func digits(_ sequence: UInt64) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }

    /// RFC 3986 §2.1, unreserved characters left as they are.
    private static func percentEncoded(_ text: String) -> String {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return text.utf8.map { byte in
            if unreserved.contains(byte) { return String(UnicodeScalar(byte)) }
            let hex = String(byte, radix: 16, uppercase: true)
            return hex.count == 1 ? "%0" + hex : "%" + hex
        }.joined()
    }
}
