internal import FoundationEssentials
internal import Glibc
public import Media

extension UTC {
    /// The system's clock.
    public static func now() -> UTC {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UTC(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Reads RFC 3339 with `Z` or an offset, with or without a fraction; nil for anything else.
    public init?(rfc3339 text: String) {
        let whole = Date.ISO8601FormatStyle()
        let fraction = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? whole.parse(text)) ?? (try? fraction.parse(text)) else { return nil }
        let seconds = date.timeIntervalSince1970
        guard abs(seconds) < 9e9 else { return nil }
        self.init(nanoseconds: Int64((seconds * 1_000).rounded()) * 1_000_000)
    }
}

/// Milliseconds of a clock that never jumps; its zero means nothing.
func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}
