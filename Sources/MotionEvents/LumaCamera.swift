internal import Media

/// The camera's movement as the luma of the cells shows it: the model that carries one grid into the other.
///
/// Robust Gauss–Newton registration: the old grid is warped by the model so far, and what is left is explained by its gradient.
struct LumaCamera {
    var model: CameraModel
    /// Share of the error that the model takes away.
    var gain: Double

    private static let rounds = 8
    /// Larger errors count no more than this many levels.
    private static let clip = 6.0
    private static let noise = 1.2

    /// - Parameters:
    ///   - visible: the cells that count.
    ///   - seconds: from `old` to `new`.
    ///   - start: where to begin the search.
    ///   - ease: below 1 where a movement is under way already: less evidence will do.
    init?(
        from old: [Double], to new: [Double], visible: VisibleCells, seconds: Double, start: CameraModel = .still,
        ease: Double = 1
    ) {
        guard seconds > 0.02, seconds < 2 else { return nil }
        let fit = ExposureFit(from: old, to: new, cells: visible.indices)
        let lit = Grid(luma: old.map { fit($0) }, visible: visible)
        var model = start
        for _ in 0..<Self.rounds {
            guard let step = Self.step(lit, new, model, seconds) else { return nil }
            model.shift += step.shift
            model.growth += step.growth
            model.turn += step.turn
            guard model.shift.length < 600, abs(model.growth) < 2, abs(model.turn) < 2 else { return nil }
            if step.speed * seconds < 0.05 { break }
        }
        guard let gain = Self.gain(lit, new, model, seconds, ease: ease) else { return nil }
        self.model = model
        self.gain = gain
    }

    /// The luma of a moment, and where it is known.
    private struct Grid {
        var luma: [Double]
        var visible: VisibleCells

        /// No masked cell takes part in the luma at a place in columns and rows, nor in its gradient.
        func isClear(_ x: Double, _ y: Double) -> Bool {
            guard !visible.isWhole else { return true }
            let column = min(max(Int(x.rounded()), 0), MotionField.columns - 1)
            let row = min(max(Int(y.rounded()), 0), MotionField.rows - 1)
            return CellGeometry.adjacent[row * MotionField.columns + column].allSatisfy { visible.isVisible[$0] }
        }
    }

    /// A place of the grid in columns and rows, clamped to it.
    private static func sample(_ luma: [Double], _ x: Double, _ y: Double) -> Double {
        let x = min(max(x, 0), Double(MotionField.columns - 1)), y = min(max(y, 0), Double(MotionField.rows - 1))
        let column = min(Int(x), MotionField.columns - 2), row = min(Int(y), MotionField.rows - 2)
        let u = x - Double(column), v = y - Double(row)
        let place = row * MotionField.columns + column
        let upper = luma[place] * (1 - u) + luma[place + 1] * u
        let lower = luma[place + MotionField.columns] * (1 - u) + luma[place + MotionField.columns + 1] * u
        return upper * (1 - v) + lower * v
    }

    /// For each cell whose content comes from inside the picture: `body(cell, warped luma, its gradient a pixel)`.
    private static func forEach(
        _ grid: Grid, _ model: CameraModel, _ seconds: Double, _ body: (Int, Double, SIMD2<Double>) -> Void
    ) {
        let luma = grid.luma
        for cell in grid.visible.indices {
            let (row, column) = cell.quotientAndRemainder(dividingBy: MotionField.columns)
            let shift = model.velocity(at: CellGeometry.offsets[cell]) * seconds / CellGeometry.cell
            let x = Double(column) - shift.x, y = Double(row) - shift.y
            guard x > -0.5, y > -0.5, x < Double(MotionField.columns) - 0.5, y < Double(MotionField.rows) - 0.5 else {
                continue
            }
            guard grid.isClear(x, y) else { continue }
            let across = sample(luma, x + 0.5, y) - sample(luma, x - 0.5, y)
            let down = sample(luma, x, y + 0.5) - sample(luma, x, y - 0.5)
            body(cell, sample(luma, x, y), SIMD2(across, down) / CellGeometry.cell)
        }
    }

    private static func step(_ old: Grid, _ new: [Double], _ model: CameraModel, _ seconds: Double) -> CameraModel? {
        var (matrix, right) = ([Double](repeating: 0, count: 16), [Double](repeating: 0, count: 4))
        forEach(old, model, seconds) { cell, warped, gradient in
            let error = new[cell] - warped
            let ratio = error / clip
            let weight = 1 / (1 + ratio * ratio)
            let place = CellGeometry.offsets[cell]
            // By shift, growth and turn; the last two in units of 180 px so that all have one size.
            let slope = [
                -gradient.x, -gradient.y, -gradient.dot(place) / 180, -gradient.dot(SIMD2(-place.y, place.x)) / 180,
            ]
            for i in 0..<4 {
                right[i] += weight * slope[i] * error
                for j in 0..<4 { matrix[4 * i + j] += weight * slope[i] * slope[j] }
            }
        }
        // Keeps what the picture does not determine where it is.
        for i in 0..<4 { matrix[5 * i] += 0.02 }
        guard let solution = solve(matrix, right) else { return nil }
        return CameraModel(
            shift: SIMD2(solution[0], solution[1]) / seconds, growth: solution[2] / 180 / seconds,
            turn: solution[3] / 180 / seconds)
    }

    /// Elimination with pivots; nil where the matrix is singular.
    private static func solve(_ matrix: [Double], _ right: [Double]) -> [Double]? {
        var (m, r) = (matrix, right)
        for i in 0..<4 {
            let pivot = (i..<4).max { abs(m[4 * $0 + i]) < abs(m[4 * $1 + i]) } ?? i
            guard abs(m[4 * pivot + i]) > 1e-9 else { return nil }
            if pivot != i {
                for j in 0..<4 { m.swapAt(4 * i + j, 4 * pivot + j) }
                r.swapAt(i, pivot)
            }
            for row in i + 1..<4 {
                let factor = m[4 * row + i] / m[5 * i]
                for j in i..<4 { m[4 * row + j] -= factor * m[4 * i + j] }
                r[row] -= factor * r[i]
            }
        }
        for i in (0..<4).reversed() {
            for j in i + 1..<4 { r[i] -= m[4 * i + j] * r[j] }
            r[i] /= m[5 * i]
        }
        return r.allSatisfy(\.isFinite) ? r : nil
    }

    /// Whether a model that was found over a longer time also holds from `old` to `new`: a single jump, as of a low bit rate's key picture, is seen by all
    /// comparisons that reach over it, and is no movement.
    ///
    /// - Parameter share: of the error that may be left.
    static func holds(
        _ model: CameraModel, from old: [Double], to new: [Double], visible: VisibleCells, seconds: Double,
        leaves share: Double = 1
    ) -> Bool {
        let fit = ExposureFit(from: old, to: new, cells: visible.indices)
        let lit = Grid(luma: old.map { fit($0) }, visible: visible)
        var (before, after) = (0.0, 0.0)
        forEach(lit, model, seconds) { cell, warped, _ in
            before += min(abs(new[cell] - lit.luma[cell]), clip)
            after += min(abs(new[cell] - warped), clip)
        }
        return after < share * before
    }

    /// Share of the error that the model explains; nil where too little of the picture speaks for it.
    private static func gain(
        _ old: Grid, _ new: [Double], _ model: CameraModel, _ seconds: Double, ease: Double
    ) -> Double? {
        var (before, after) = (0.0, 0.0)
        var (predicted, seen, contradicted, changed, improvedOfChanged) = (0.0, 0.0, 0.0, 0.0, 0.0)
        var (columns, rows): ([Int], [Int]) = ([], [])
        forEach(old, model, seconds) { cell, warped, gradient in
            let was = abs(new[cell] - old.luma[cell]), isNow = abs(new[cell] - warped)
            before += min(was, clip)
            after += min(isNow, clip)
            let improves = isNow < was - 0.5 * noise
            let expected = abs(gradient.dot(model.velocity(at: CellGeometry.offsets[cell]))) * seconds
            if expected > noise {
                predicted += expected
                if improves { seen += expected }
                if was < 0.3 * expected { contradicted += expected }
            }
            if was > 3 {
                changed += 1
                if improves { improvedOfChanged += 1 }
            }
            if improves, was > 2 * noise {
                columns.append(cell % MotionField.columns)
                rows.append(cell / MotionField.columns)
            }
        }
        guard before > 0, predicted > 0, columns.count >= 8 else { return nil }
        let gain = 1 - after / before
        let speed = model.speed
        guard gain > 0.1 * ease, seen > 0.5 * ease * predicted, contradicted * ease < 0.4 * predicted,
            improvedOfChanged > 0.6 * ease * changed, speed > 4 * ease, speed < 400
        else { return nil }
        columns.sort()
        rows.sort()
        let (low, high) = (Int(0.08 * Double(columns.count)), Int(0.92 * Double(columns.count)))
        let isWide = Double(columns[high] - columns[low]) >= 0.38 * ease * Double(MotionField.columns)
        let isTall = Double(rows[high] - rows[low]) >= 0.47 * ease * Double(MotionField.rows)
        return isWide || isTall ? gain : nil
    }
}
