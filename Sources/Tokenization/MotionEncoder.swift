import Media

/// Finds the quantiser whose decoded fields come closest to a clip's fields among those that fit the rate.
struct MotionEncoder {
    /// - Throws: `ClipError.rate`, which no clip can cause: the last quantiser fits any of them.
    func encode(_ fields: [MotionField]) throws(ClipError) -> (ids: [Int], quantizer: Int) {
        let cells = fields.map(FieldCells.init)
        var pools: [Int: [SliceCells]] = [:]
        var best: (ids: [Int], quantizer: Int, error: Double)?
        for (index, grid) in MotionLadder.grids.enumerated() {
            let pool = pools[grid.slices] ?? SliceCells.pool(cells, slices: grid.slices)
            pools[grid.slices] = pool
            let slices = pool.map { WantedSlice($0, side: grid.side) }
            let first = index * MotionLadder.tolerances.count
            // The smallest tolerance that fits: wider ones on the same grid only lose.
            let fitting = MotionLadder.tolerances.indices.lazy.compactMap {
                MotionWriter(slices, quantizer: first + $0)
            }
            guard let written = fitting.first else { continue }
            let error = error(of: written.code, against: cells)
            if best.map({ error < $0.error }) ?? true { best = (written.ids, written.code.quantizer, error) }
        }
        guard let best else { throw .rate }
        return (best.ids, best.quantizer)
    }

    /// Sum of the end-point errors in px/s over valid cells, weighted by validity.
    private func error(of code: MotionCode, against fields: [FieldCells]) -> Double {
        let span = Clip.fieldCount / code.slices.count
        var sum = 0.0
        for (index, slice) in code.slices.enumerated() {
            let decoded = slice.cells(side: code.rung.side).velocity
            for field in fields[index * span..<(index + 1) * span] {
                for cell in 0..<MotionField.cells where field.weight[cell] > 0 {
                    let dx = Double(decoded[cell].x) * 640 - field.x[cell]
                    let dy = Double(decoded[cell].y) * 360 - field.y[cell]
                    sum += (dx * dx + dy * dy).squareRoot() * field.weight[cell]
                }
            }
        }
        return sum
    }
}

/// A field in px/s at 640 × 360, cleared of what is no number and of speeds that no code has.
struct FieldCells {
    var x: [Double]
    var y: [Double]
    /// 0 where the motion is not known.
    var weight: [Double]

    init(_ field: MotionField) {
        x = Array(repeating: 0, count: MotionField.cells)
        y = x
        weight = x
        for cell in 0..<MotionField.cells {
            let velocity = field.velocity[cell]
            guard field.validity[cell] > 0, velocity.x.isFinite, velocity.y.isFinite else { continue }
            weight[cell] = Double(min(field.validity[cell], 1))
            x[cell] = min(max(Double(velocity.x) * 640, -4096), 4096)
            y[cell] = min(max(Double(velocity.y) * 360, -4096), 4096)
        }
    }
}

/// A slice on a grid, as it would be without quantised residuals.
struct WantedSlice {
    let globalX: Int
    let globalY: Int
    let mask: BlockMask
    /// In px/s, one a coded cell.
    let residuals: [SIMD2<Double>]
    /// The coded cells in valid blocks.
    let cells: [Int]

    init(_ slice: SliceCells, side: Int) {
        globalX = slice.globalX
        globalY = slice.globalY
        mask = slice.mask
        residuals = slice.residuals(side: side)
        cells = slice.mask.cells(side: side)
    }
}

/// The weighted means of the fields of a slice.
struct SliceCells {
    private var sumX = [Double](repeating: 0, count: MotionField.cells)
    private var sumY = [Double](repeating: 0, count: MotionField.cells)
    private var weight = [Double](repeating: 0, count: MotionField.cells)
    private var fieldCount = 0
    /// Levels of `MotionVocabulary.global`.
    private(set) var globalX = 0
    private(set) var globalY = 0
    private(set) var mask = BlockMask(bits: [])

    static func pool(_ fields: [FieldCells], slices: Int) -> [SliceCells] {
        let span = fields.count / slices
        return (0..<slices).map { SliceCells(fields[$0 * span..<($0 + 1) * span]) }
    }

    private init(_ fields: ArraySlice<FieldCells>) {
        fieldCount = fields.count
        for field in fields {
            for cell in 0..<MotionField.cells where field.weight[cell] > 0 {
                sumX[cell] += field.x[cell] * field.weight[cell]
                sumY[cell] += field.y[cell] * field.weight[cell]
                weight[cell] += field.weight[cell]
            }
        }
        mask = validBlocks()
        (globalX, globalY) = globalMotion()
    }

    /// A block is valid when at least a quarter of its area × time is.
    private func validBlocks() -> BlockMask {
        let side = BlockMask.side
        let needed = Double(fieldCount * side * side) / 4
        return BlockMask(
            bits: (0..<BlockMask.rows).map { row in
                (0..<BlockMask.columns).reduce(0) { bits, column in
                    let sum = total(weight, row: row, column: column, side: side)
                    return sum >= needed ? bits | 1 << column : bits
                }
            })
    }

    private func total(_ values: [Double], row: Int, column: Int, side: Int) -> Double {
        var sum = 0.0
        for y in row * side..<(row + 1) * side {
            for x in column * side..<(column + 1) * side {
                sum += values[y * MotionField.columns + x]
            }
        }
        return sum
    }

    /// What most cells do: the weighted median, then the mean of the cells near it.
    private func globalMotion() -> (x: Int, y: Int) {
        let table = MotionVocabulary.global
        let medianX = Double(table.value(medianLevel(sumX)))
        let medianY = Double(table.value(medianLevel(sumY)))
        let reachX = 8 + abs(medianX) / 4
        let reachY = 8 + abs(medianY) / 4
        var (x, y, near) = (0.0, 0.0, 0.0)
        for cell in 0..<MotionField.cells where weight[cell] > 0 {
            guard abs(sumX[cell] / weight[cell] - medianX) <= reachX, abs(sumY[cell] / weight[cell] - medianY) <= reachY
            else { continue }
            x += sumX[cell]
            y += sumY[cell]
            near += weight[cell]
        }
        guard near > 0 else { return (table.level(of: medianX), table.level(of: medianY)) }
        return (table.level(of: x / near), table.level(of: y / near))
    }

    private func medianLevel(_ sums: [Double]) -> Int {
        let table = MotionVocabulary.global
        var histogram = [Double](repeating: 0, count: table.count)
        var half = 0.0
        for cell in 0..<MotionField.cells where weight[cell] > 0 {
            histogram[table.level(of: sums[cell] / weight[cell]) + table.limit] += weight[cell]
            half += weight[cell] / 2
        }
        guard half > 0 else { return 0 }
        var sum = 0.0
        for (index, share) in histogram.enumerated() {
            sum += share
            if sum >= half { return index - table.limit }
        }
        return 0
    }

    /// What the coded cells move against the slice's global motion, in px/s; zero where nothing is known.
    func residuals(side: Int) -> [SIMD2<Double>] {
        let global = SIMD2(
            Double(MotionVocabulary.global.value(globalX)), Double(MotionVocabulary.global.value(globalY)))
        let columns = MotionField.columns / side
        return (0..<MotionField.cells / (side * side)).map { cell in
            let (row, column) = cell.quotientAndRemainder(dividingBy: columns)
            let weight = total(weight, row: row, column: column, side: side)
            guard weight > 0 else { return .zero }
            let x = total(sumX, row: row, column: column, side: side) / weight
            let y = total(sumY, row: row, column: column, side: side) / weight
            return SIMD2(x, y) - global
        }
    }
}
