public import Media

/// Decides which pictures are shown at a constant rate of six a second, by the rule of ffmpeg's `fps` filter (docs/motion.md).
///
/// Output n is shown at n/6 s. With o = ⌊6t + ½⌋ for a picture at t seconds, it shows the last picture with o ≤ n. So a picture's
/// outputs are known when the picture after it comes. A pure value: it knows times, not pictures; its owner keeps the newest one.
public struct FrameRateFilter {
    /// The distance of two outputs.
    public static let interval = MediaTime(units: MediaTime.unitsPerSecond / 6)

    /// What there is to do before the next picture is kept.
    public struct Decision: Equatable {
        /// The outputs that show the picture kept so far. Empty where it is never shown.
        public var shown: Range<Int64>
        /// The next picture does not go on where this one ends: time stamps leave out more than a second, or run backward.
        public var isBreak: Bool
    }

    private let fillsHoles: Bool
    private var newest: MediaTime?
    /// How long the newest picture is shown, as far as is known: as long as the one before it.
    private var duration = MediaTime.zero
    /// The first output that nothing is decided about.
    private var next: Int64?
    private var hasShown = false

    /// - Parameter fillsHoles: outputs start at 0, with copies of the first picture shown where that comes later, and holes of any length are
    ///   filled with the picture before them, as the `ffmpeg` command does; false: what the source leaves out is left out.
    public init(fillsHoles: Bool = false) {
        self.fillsHoles = fillsHoles
    }

    /// Takes the time of the next picture in display order.
    public mutating func add(_ time: MediaTime) -> Decision {
        guard let newest else {
            start(at: time, goesOn: true)
            return Decision(shown: 0..<0, isBreak: false)
        }
        let step = time - newest
        let isBackward = step < .zero
        if isBackward || (step.units > MediaTime.unitsPerSecond && !fillsHoles) {
            let shown = end()
            start(at: time, goesOn: !isBackward)
            return Decision(shown: shown, isBreak: true)
        }
        let shown = take(upTo: Self.ordinal(of: time))
        // Of two pictures at the same time the later is shown.
        if step > .zero { duration = step }
        self.newest = time
        return Decision(shown: shown, isBreak: false)
    }

    /// The outputs that the newest picture still gets where nothing follows it: until it has been shown for as long as the one
    /// before it. The next picture begins anew.
    public mutating func end() -> Range<Int64> {
        guard let newest else { return 0..<0 }
        self.newest = nil
        return take(upTo: Self.ordinal(of: newest + duration))
    }

    private mutating func start(at time: MediaTime, goesOn: Bool) {
        let first = Self.ordinal(of: time)
        next = goesOn ? max(next ?? first, first) : first
        newest = time
        duration = .zero
    }

    private mutating func take(upTo end: Int64) -> Range<Int64> {
        let start = next ?? end
        guard start < end else { return start..<start }
        next = end
        defer { hasShown = true }
        return (fillsHoles && !hasShown ? min(start, 0) : start)..<end
    }

    /// ⌊6t + ½⌋. Times are whole 1/90 000 s, in which pictures at 24 and 60 a second fall exactly on the ½.
    static func ordinal(of time: MediaTime) -> Int64 {
        let (quotient, remainder) = (time.units + interval.units / 2).quotientAndRemainder(dividingBy: interval.units)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
