import Media

/// What the brightness of the cells says: a cut, a step of light, and how much each cell has changed in half a second.
///
/// Vectors cannot tell motion from noise or a cut from bad prediction; the mean luma of the cells can.
struct LumaChange {
    /// Change of a cell after exposure is fitted out, as a multiple of its own threshold; 0 where nothing is known.
    private(set) var support = [Double](repeating: 0, count: MotionField.cells)
    /// The picture is another one than a field ago.
    private(set) var isCut = false
    /// Brightness has jumped a short while ago; changes of single cells mean little.
    private(set) var isLightUnsteady = false

    private static let baseline = MediaTime(seconds: 0.4)
    private static let lightSettles = MediaTime(seconds: 0.8)
    private var history: [(time: MediaTime, luma: [Float])] = []
    private var noise = [Double](repeating: 0, count: MotionField.cells)
    private var lightStep: MediaTime?

    var keptGrids: Int { history.count }

    mutating func handle(_ field: MotionField, cameraMoves: Bool, quiet: (Int) -> Bool) {
        isCut = false
        guard FieldGeometry.hasLuma(field), field.luma.allSatisfy(\.isFinite) else { return }
        if let previous = history.last, previous.luma != field.luma {
            isCut = !cameraMoves && Self.isCut(from: previous.luma, to: field.luma)
            let (old, new) = (Self.mean(previous.luma), Self.mean(field.luma))
            if abs(new - old) > 0.05 * max(old, 10) { lightStep = field.end }
        }
        if isCut { history.removeAll() }
        history.append((field.end, field.luma))
        // Keep one grid that is at least as old as the baseline.
        while history.count > 1, field.end - history[1].time >= Self.baseline || history.count > 64 {
            history.removeFirst()
        }
        isLightUnsteady = lightStep.map { field.end - $0 < Self.lightSettles } ?? false
        measure(field, against: history[0].luma, quiet: quiet)
    }

    private mutating func measure(_ field: MotionField, against old: [Float], quiet: (Int) -> Bool) {
        let seconds = min((field.end - field.start).seconds, 1)
        let (gain, offset) = Self.exposure(from: old, to: field.luma)
        for cell in 0..<MotionField.cells {
            let change = abs(Double(field.luma[cell]) - (gain * Double(old[cell]) + offset))
            support[cell] = change / (3 + 2 * noise[cell])
            // Steps of 3 up and 1 down settle where three quarters of the values lie below.
            if quiet(cell) { noise[cell] = max(0, noise[cell] + (change > noise[cell] ? 3 : -1) * seconds) }
        }
    }

    private static func isCut(from old: [Float], to new: [Float]) -> Bool {
        let (meanOld, meanNew) = (mean(old), mean(new))
        var (products, squaresOld, squaresNew) = (0.0, 0.0, 0.0)
        var changed = 0
        for cell in 0..<MotionField.cells {
            let (a, b) = (Double(old[cell]) - meanOld, Double(new[cell]) - meanNew)
            products += a * b
            squaresOld += a * a
            squaresNew += b * b
            if abs(Double(new[cell]) - Double(old[cell])) > 8 { changed += 1 }
        }
        let cells = Double(MotionField.cells)
        // Nothing can be said of a grid without structure.
        guard squaresOld > 4 * cells, squaresNew > 4 * cells else { return false }
        let correlation = products / (squaresOld * squaresNew).squareRoot()
        let share = Double(changed) / cells
        return correlation < 0.5 && share > 0.4 || correlation < 0.35 && share > 0.04
    }

    /// Gain and offset between two grids: least squares, thrice, on the 70 % of the cells that fit best.
    private static func exposure(from old: [Float], to new: [Float]) -> (gain: Double, offset: Double) {
        var (gain, offset) = (1.0, 0.0)
        for _ in 0..<3 {
            let errors = old.indices.map { abs(Double(new[$0]) - gain * Double(old[$0]) - offset) }
            let limit = bound(errors, share: 0.7)
            var (n, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for cell in old.indices where errors[cell] <= limit {
                let (a, b) = (Double(old[cell]), Double(new[cell]))
                n += 1
                x += a
                y += b
                xx += a * a
                xy += a * b
            }
            let spread = n * xx - x * x
            gain = spread > n * n ? min(max((n * xy - x * y) / spread, 0.3), 3) : 1
            offset = (y - gain * x) / n
        }
        return (gain, offset)
    }

    /// The error that a share of the cells stays below, to a quarter of a level.
    private static func bound(_ errors: [Double], share: Double) -> Double {
        var histogram = [Int](repeating: 0, count: 1025)
        for error in errors { histogram[Int(min(error * 4, 1024))] += 1 }
        var cells = 0
        for (bin, count) in histogram.enumerated() {
            cells += count
            if Double(cells) >= share * Double(errors.count) { return Double(bin + 1) / 4 }
        }
        return .infinity
    }

    private static func mean(_ luma: [Float]) -> Double {
        luma.reduce(0) { $0 + Double($1) } / Double(luma.count)
    }
}
