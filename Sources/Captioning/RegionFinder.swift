import Media

/// A connected group of cells in which something moves.
struct Region {
    var cells: [Int]
    /// First and last column and row.
    var columns: ClosedRange<Int>
    var rows: ClosedRange<Int>
    /// In px of 640 × 360.
    var centre: SIMD2<Double>
    /// Mean of its cells faster than 8 px/s, weighted by speed: cells on its edge hold some of the ground. Nil where luma alone
    /// has shown it.
    var velocity: SIMD2<Double>?

    /// Cells between the boxes of two regions.
    func distance(to other: Region) -> Int {
        max(
            0, other.columns.lowerBound - columns.upperBound, columns.lowerBound - other.columns.upperBound,
            other.rows.lowerBound - rows.upperBound, rows.lowerBound - other.rows.upperBound)
    }
}

/// Finds moving regions: vectors that luma confirms, luma that vectors confirm, or a strong change of luma.
struct RegionFinder {
    private var noise = [Double](repeating: 0, count: MotionField.cells)

    mutating func regions(in field: MotionField, support: [Double], quiet: (Int) -> Bool) -> [Region] {
        let speeds = (0..<MotionField.cells).map { FieldGeometry.velocity(of: field, cell: $0)?.length ?? 0 }
        var (seeds, active) = (speeds.map { _ in false }, speeds.map { _ in false })
        for cell in speeds.indices {
            let (speed, near) = (speeds[cell], Self.supportNear(cell, support))
            let fast = speed > 10 + noise[cell] && near > 0.6
            seeds[cell] = fast || support[cell] > 1 && speed > 5 || support[cell] > 1.6
            active[cell] = seeds[cell] || speed > 5 + noise[cell] && near > 0.6 || support[cell] > 1
        }
        learn(speeds, seconds: min((field.end - field.start).seconds, 1), quiet: quiet)
        return Self.groups(active, seeds).map { Self.region($0, field) }
    }

    /// Steps of 3 up and 1 down settle where three quarters of a cell's speeds lie below.
    private mutating func learn(_ speeds: [Double], seconds: Double, quiet: (Int) -> Bool) {
        for cell in speeds.indices where quiet(cell) {
            noise[cell] = max(0, noise[cell] + (speeds[cell] > noise[cell] ? 3 : -1) * seconds)
        }
    }

    private static func supportNear(_ cell: Int, _ support: [Double]) -> Double {
        var nearest = 0.0
        for other in adjacent[cell] { nearest = max(nearest, support[other]) }
        return nearest
    }

    /// Groups of active cells at most two apart that hold a seed.
    private static func groups(_ active: [Bool], _ seeds: [Bool]) -> [[Int]] {
        var open = active
        var groups: [[Int]] = []
        for start in active.indices where open[start] && seeds[start] {
            open[start] = false
            var group = [start]
            var next = 0
            while next < group.count {
                for cell in close[group[next]] where open[cell] {
                    open[cell] = false
                    group.append(cell)
                }
                next += 1
            }
            groups.append(group)
        }
        return groups
    }

    /// The cells around each cell, itself included, within one row or column, and within two.
    private static let adjacent = (0..<MotionField.cells).map { neighbours(of: $0, reach: 1) }
    private static let close = (0..<MotionField.cells).map { neighbours(of: $0, reach: 2) }

    private static func neighbours(of cell: Int, reach: Int) -> [Int] {
        let (row, column) = cell.quotientAndRemainder(dividingBy: MotionField.columns)
        let columns = max(0, column - reach)...min(MotionField.columns - 1, column + reach)
        return (max(0, row - reach)...min(MotionField.rows - 1, row + reach)).flatMap { row in
            columns.map { row * MotionField.columns + $0 }
        }
    }

    private static func region(_ cells: [Int], _ field: MotionField) -> Region {
        var (columns, rows) = (cells[0] % MotionField.columns...cells[0] % MotionField.columns, 0...0)
        rows = cells[0] / MotionField.columns...cells[0] / MotionField.columns
        var (centre, velocity, moving) = (SIMD2<Double>.zero, SIMD2<Double>.zero, 0.0)
        for cell in cells {
            let (row, column) = cell.quotientAndRemainder(dividingBy: MotionField.columns)
            columns = min(columns.lowerBound, column)...max(columns.upperBound, column)
            rows = min(rows.lowerBound, row)...max(rows.upperBound, row)
            centre += (SIMD2(Double(column), Double(row)) + 0.5) * FieldGeometry.cellPixels
            if let vector = FieldGeometry.velocity(of: field, cell: cell), vector.length > 8 {
                velocity += vector * vector.length
                moving += vector.length
            }
        }
        return Region(
            cells: cells, columns: columns, rows: rows, centre: centre / Double(cells.count),
            velocity: moving > 0 ? velocity / moving : nil)
    }
}
