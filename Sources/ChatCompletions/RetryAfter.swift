internal import Foundation

/// The header `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
enum RetryAfter {
    /// Nobody is told to wait longer than this.
    static let maximum = Duration.seconds(3_600)

    /// Nil where the text is neither.
    ///
    /// - Parameter now: the time to compare a date with.
    static func duration(_ text: String, now: Date) -> Duration? {
        let text = text.trimmed
        if let seconds = Double(text), seconds.isFinite {
            return seconds < 0 ? .zero : .seconds(min(seconds, Double(maximum.components.seconds)))
        }
        // The preferred form, and the two obsolete ones that RFC 9110 §5.6.7 still wants read.
        for format in ["EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'", "EEE MMM d HH:mm:ss yyyy"] {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(secondsFromGMT: 0)
            formatter.dateFormat = format
            guard let date = formatter.date(from: text) else { continue }
            return .seconds(min(max(0, date.timeIntervalSince(now)), Double(maximum.components.seconds)))
        }
        return nil
    }
}
