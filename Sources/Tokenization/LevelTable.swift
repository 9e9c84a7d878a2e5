/// A symmetric scalar quantiser: level ±n stands for ±magnitudes[n]; a value goes to the nearest, halves to the smaller.
struct LevelTable: Sendable {
    /// Ascending, beginning with 0.
    let magnitudes: [Int]

    init(_ magnitudes: [Int]) {
        self.magnitudes = magnitudes
    }

    /// The largest level.
    var limit: Int { magnitudes.count - 1 }
    /// Number of levels, both signs and zero.
    var count: Int { 2 * limit + 1 }

    func level(of value: Double) -> Int {
        let magnitude = value < 0 ? -value : value
        var low = 0
        var high = limit
        while low < high {
            let middle = (low + high) / 2
            if 2 * magnitude > Double(magnitudes[middle] + magnitudes[middle + 1]) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return value < 0 ? -low : low
    }

    func value(_ level: Int) -> Int {
        level < 0 ? -magnitudes[-level] : magnitudes[level]
    }
}
