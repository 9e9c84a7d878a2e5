package import Media

/// Makes a session's media time out of time stamps in nanoseconds, in decoding order. Arithmetic wraps: time stamps are the
/// source's, and what is left of absurd ones is the clip rule's to refuse.
package struct MediaClock {
    /// Time stamps count from the session's first picture; false: they are taken as they are.
    private let startsAtZero: Bool
    private var origin: Int64?
    private var last: Int64?
    private var interval: Int64?

    package init(startsAtZero: Bool) {
        self.startsAtZero = startsAtZero
    }

    /// The time of the next picture. Where it has no time stamp it is one interval after the picture before it: that
    /// of `framesPerSecond`, else the last one seen, else 1/25 s.
    package mutating func time(of nanoseconds: Int64?, framesPerSecond: Double?) -> (
        time: MediaTime, isInterpolated: Bool
    ) {
        if let nanoseconds, let last, nanoseconds > last { interval = nanoseconds &- last }
        let declared = framesPerSecond.map { Int64((1e9 / $0).rounded()) }
        let stamp = nanoseconds ?? last.map { $0 &+ (declared ?? interval ?? 40_000_000) } ?? 0
        last = stamp
        let start = origin ?? (startsAtZero ? stamp : 0)
        origin = start
        return (MediaTime(nanoseconds: stamp &- start), nanoseconds == nil)
    }
}
