internal import Media

/// Units of this module: pixels and px/s of a picture scaled to 640 × 360, whatever its real size.
enum CellGeometry {
    static let picture = SIMD2<Double>(640, 360)
    static let cell = SIMD2(640 / Double(MotionField.columns), 360 / Double(MotionField.rows))

    /// The centres of the cells, seen from the middle of the picture.
    static let offsets: [SIMD2<Double>] = (0..<MotionField.cells).map { index in
        let (row, column) = index.quotientAndRemainder(dividingBy: MotionField.columns)
        return (SIMD2(Double(column), Double(row)) + 0.5) * cell - picture / 2
    }

    /// The sixteenth of the picture that a cell lies in.
    static let sectors: [Int] = (0..<MotionField.cells).map { index in
        let (row, column) = index.quotientAndRemainder(dividingBy: MotionField.columns)
        return row / 5 * 4 + column / 9
    }

    /// Each cell with those that share an edge with it.
    static let beside = (0..<MotionField.cells).map { cell in
        adjacent[cell].filter {
            $0 / MotionField.columns == cell / MotionField.columns
                || $0 % MotionField.columns == cell % MotionField.columns
        }
    }
    /// The cells within one row and column of each cell, itself included.
    static let adjacent = (0..<MotionField.cells).map { neighbours(of: $0, reach: 1) }
    /// The cells within two rows and columns of each cell, itself included.
    static let close = (0..<MotionField.cells).map { neighbours(of: $0, reach: 2) }

    private static func neighbours(of cell: Int, reach: Int) -> [Int] {
        let (row, column) = cell.quotientAndRemainder(dividingBy: MotionField.columns)
        let columns = max(0, column - reach)...min(MotionField.columns - 1, column + reach)
        return (max(0, row - reach)...min(MotionField.rows - 1, row + reach)).flatMap { row in
            columns.map { row * MotionField.columns + $0 }
        }
    }
}

extension SIMD2<Double> {
    var length: Double { (x * x + y * y).squareRoot() }
    func dot(_ other: Self) -> Double { x * other.x + y * other.y }

    /// Whether it points the same way within an angle of that cosine; false where one has no length.
    func isAlong(_ other: Self, cosine: Double) -> Bool {
        let lengths = length * other.length
        return lengths > 0 && dot(other) >= cosine * lengths
    }
}

/// The value that a share of the values lies below; 0 of none.
func quantile(_ values: [Double], _ share: Double) -> Double {
    guard !values.isEmpty else { return 0 }
    return values.sorted()[min(Int(share * Double(values.count)), values.count - 1)]
}
