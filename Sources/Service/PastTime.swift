internal import Events
package import Media

/// A point of time as a command line gives it: how long ago (`2h`), an RFC 3339 time, or `now`.
package enum PastTime {
    struct Damage: Error, CustomStringConvertible {
        var description: String
    }

    /// - Parameter option: what the error names.
    /// - Throws: what is wrong, in words.
    package static func parse(_ text: String, option: String, now: UTC = .now()) throws -> UTC {
        if text == "now" { return now }
        if let time = UTC(rfc3339: text) { return time }
        if let span = try? Quantity.duration(text) {
            return UTC(nanoseconds: now.nanoseconds - Int64(span / .nanoseconds(1)))
        }
        throw Damage(
            description:
                "\(option) \(text): must be how long ago it was, e.g. 2h or 7d, a time such as 2026-11-21T00:10:02Z, or now"
        )
    }
}
