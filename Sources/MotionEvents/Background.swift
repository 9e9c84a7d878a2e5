internal import Media

/// The look of the place without the things that move in it, learned slowly.
///
/// It tells a thing that has stopped, which still hides the ground, from one that has left.
struct Background {
    /// Seconds after which a change of the ground is taken over to 63 %.
    private static let slowness = 4.0
    private var luma: [Double] = []
    private var age = 0.0
    private var isVisible: [Bool] = []
    /// How far each cell differs from the ground, in levels; 0 where it is masked; empty where nothing is known.
    private(set) var difference: [Double] = []

    /// It has seen the place for long enough to be believed.
    var isKnown: Bool { age > 1 && !difference.isEmpty }

    mutating func handle(_ now: [Double], seconds: Double, visible: VisibleCells, isThing: (Int) -> Bool) {
        isVisible = visible.isVisible
        guard luma.count == now.count else {
            luma = now
            difference = Array(repeating: 0, count: now.count)
            return
        }
        age += seconds
        // The gain and the offset follow the camera's exposure at once.
        let fit = ExposureFit(from: luma, to: now, cells: visible.indices)
        let rate = min(1, seconds / min(Self.slowness, max(age, seconds)))
        for cell in visible.indices {
            let expected = min(max(fit(luma[cell]), 0), 255)
            difference[cell] = abs(now[cell] - expected)
            luma[cell] = isThing(cell) ? expected : expected + rate * (now[cell] - expected)
        }
    }

    mutating func forget() {
        luma = []
        difference = []
        age = 0
    }

    /// Share of a region's cells that differ from the ground by more than so many levels.
    func hidden(columns: ClosedRange<Int>, rows: ClosedRange<Int>, by levels: (Int) -> Double) -> Double? {
        guard isKnown else { return nil }
        var (hidden, all) = (0.0, 0.0)
        for row in rows {
            for column in columns where isVisible[row * MotionField.columns + column] {
                let cell = row * MotionField.columns + column
                all += 1
                if difference[cell] > levels(cell) { hidden += 1 }
            }
        }
        return all > 0 ? hidden / all : nil
    }
}
