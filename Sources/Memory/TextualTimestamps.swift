/// Time as CogVLM2-Video tells it to its language model (arXiv 2408.16500): after each picture whole seconds as digits, counted from the start.
public struct TextualTimestamps: Sendable, Hashable {
    /// The most pictures that the model takes.
    public static let maximumPictures = 24

    private let start: MemoryTime

    public init(span: MemorySpan) {
        self.init(start: span.start.position)
    }

    public init(start: MemoryTime) {
        self.start = start
    }

    /// Seconds since the start, rounded (halves to the even number); 0 for earlier times.
    public func text(for time: MemoryTime) -> String {
        let seconds = MemoryTime(units: time.units(since: start)).seconds.rounded(.toNearestOrEven)
        return String(Int64(max(seconds, 0)))
    }

    /// Which pictures the model is shown, by their times in seconds: for each whole second from 0 to the last one the picture nearest to it, the
    /// first of two as near. Picture n of the result has the label n. A picture may be shown twice.
    public static func choice(of times: [Double]) -> [Int] {
        guard let latest = times.max(), latest.isFinite, latest > -0.5 else { return times.isEmpty ? [] : [0] }
        let last = min(latest.rounded(.toNearestOrEven), Double(maximumPictures - 1))
        return (0...Int(last)).map { second in
            var best = 0
            for index in times.indices where abs(times[index] - Double(second)) < abs(times[best] - Double(second)) {
                best = index
            }
            return best
        }
    }
}
