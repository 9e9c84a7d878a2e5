internal import Media

/// Gain and offset between the luma of two moments: what a change of exposure or of the light does to cells where nothing else happens.
///
/// A bright thing makes a camera darken everything else, so the fit leaves out the cells that it fits worst.
struct ExposureFit {
    var gain: Double
    var offset: Double

    static let none = Self(gain: 1, offset: 0)
    private static let gains = 0.3...3.0

    init(gain: Double, offset: Double) {
        self.gain = gain
        self.offset = offset
    }

    /// From the median ratio on, three rounds of least squares on the 70 % of the cells with the smallest error.
    ///
    /// - Parameter cells: those that count; at least one.
    init(from old: [Double], to new: [Double], cells: [Int]) {
        self.init(gain: 1, offset: 0)
        let ratios = cells.map { (new[$0] + 1) / (old[$0] + 1) }
        gain = Self.clamp(quantile(ratios, 0.5))
        for _ in 0..<3 {
            let errors = cells.map { abs(new[$0] - self(old[$0])) }
            let limit = quantile(errors, 0.7)
            var (n, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for (cell, error) in zip(cells, errors) where error <= limit {
                n += 1
                x += old[cell]
                y += new[cell]
                xx += old[cell] * old[cell]
                xy += old[cell] * new[cell]
            }
            let spread = n * xx - x * x
            // Of a picture without structure only the brightness can be told.
            gain = spread > n * n ? Self.clamp((n * xy - x * y) / spread) : 1
            offset = (y - gain * x) / n
        }
    }

    func callAsFunction(_ old: Double) -> Double { gain * old + offset }

    private static func clamp(_ gain: Double) -> Double {
        min(max(gain, gains.lowerBound), gains.upperBound)
    }
}
