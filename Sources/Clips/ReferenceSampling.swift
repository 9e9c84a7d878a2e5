internal import Media

/// Which clips of a video Video-LaVIT's reference looks at: at most `maximumClips` of 24 pictures, each from an I-picture on.
public enum ReferenceSampling {
    /// Pictures in a group of the reference's encoder.
    private static let group = 12

    /// The places of the clips' first pictures, ascending; empty for a video without I-pictures.
    ///
    /// Where the I-pictures lie as the encoder puts them, every second group of 12 begins a clip, the first one left out; the last
    /// I-picture never does, for it is not known how long its group goes on.
    /// - Parameters:
    ///   - intra: the places of the I-pictures among all pictures, ascending.
    ///   - count: pictures in all.
    public static func clipStarts(intra: [Int], count: Int, maximumClips: Int) -> [Int] {
        precondition(maximumClips > 0, "at least one clip")
        var starts = intra
        let regular = intra.count > 1 ? zip(intra, intra.dropFirst()).filter { $0 + group == $1 }.map(\.0) : intra
        let whole = regular.filter { $0 + Clip.fieldCount <= count }
        if whole.count >= 2 { starts = whole }
        if starts.count <= 2 * maximumClips { return everySecond(starts, from: starts.count > 2 ? 1 : 0) }
        let candidates = everySecond(starts, from: 1)
        guard candidates.count > maximumClips else { return candidates }
        return linspace(from: 0, to: candidates.count - 1, count: maximumClips).map { candidates[$0] }
    }

    /// NumPy's, rounded down: the last one is exact.
    private static func linspace(from first: Int, to last: Int, count: Int) -> [Int] {
        guard count > 1 else { return [first] }
        let step = Double(last - first) / Double(count - 1)
        return (0..<count - 1).map { first + Int(Double($0) * step) } + [last]
    }

    private static func everySecond(_ places: [Int], from first: Int) -> [Int] {
        stride(from: first, to: places.count, by: 2).map { places[$0] }
    }
}
