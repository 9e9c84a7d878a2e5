internal import Media

/// The luma of the last two and a half seconds.
struct LumaHistory {
    struct Entry {
        var time: Double
        var luma: [Double]
        var mean: Double
    }

    private static let span = 2.5
    /// Pictures closer together than this replace each other.
    private static let spacing = 0.05
    private(set) var entries: [Entry] = []

    var newest: Entry? { entries.last }

    /// The newest entry that is at least so old.
    func entry(before time: Double) -> Entry? {
        entries.last { $0.time <= time }
    }

    /// - Parameter cells: those whose mean counts.
    mutating func append(_ luma: [Double], time: Double, cells: [Int]) {
        let entry = Entry(time: time, luma: luma, mean: cells.reduce(0) { $0 + luma[$1] } / Double(cells.count))
        if entries.count > 1, time - entries[entries.count - 2].time < Self.spacing { entries.removeLast() }
        entries.append(entry)
        entries.removeAll { time - $0.time > Self.span }
    }

    mutating func removeAll() { entries.removeAll() }
}
