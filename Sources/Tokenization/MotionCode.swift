import Media

/// A clip's motion after quantisation: what the ids say, no more and no less.
struct MotionCode: Equatable {
    var quantizer: Int
    var slices: [Slice]

    /// A span of 24 / slices.count fields that share one set of velocities.
    struct Slice: Equatable {
        /// Levels of `MotionVocabulary.global`.
        var globalX: Int
        var globalY: Int
        var mask: BlockMask
        /// One a coded cell, row by row; `rest` in invalid blocks.
        var residuals: [Residual]
    }

    struct Residual: Equatable {
        /// Levels of `MotionVocabulary.residualLevels`.
        var x: Int
        var y: Int
        static let rest = Residual(x: 0, y: 0)
    }

    var rung: MotionRung { MotionLadder.rungs[quantizer] }

    /// The 24 fields that decoding gives, times counted from the start of the clip.
    var fields: [MotionField] {
        let span = Clip.fieldCount / slices.count
        return slices.enumerated().flatMap { index, slice in
            let (velocity, validity) = slice.cells(side: rung.side)
            return (index * span..<(index + 1) * span).map { number in
                MotionField(
                    start: Clip.fieldDuration * Int64(number), end: Clip.fieldDuration * Int64(number + 1),
                    velocity: velocity, validity: validity)
            }
        }
    }
}

extension MotionCode.Slice {
    /// Velocity in frame widths and heights a second and validity of the 20 × 36 cells.
    func cells(side: Int) -> (velocity: [SIMD2<Float>], validity: [Float]) {
        var velocity = [SIMD2<Float>](repeating: .zero, count: MotionField.cells)
        var validity = [Float](repeating: 0, count: MotionField.cells)
        for cell in 0..<MotionField.cells {
            let (row, column) = cell.quotientAndRemainder(dividingBy: MotionField.columns)
            guard mask.isValid(row: row / BlockMask.side, column: column / BlockMask.side) else { continue }
            let residual = residuals[row / side * (MotionField.columns / side) + column / side]
            let x = MotionVocabulary.global.value(globalX) + MotionVocabulary.residualLevels.value(residual.x)
            let y = MotionVocabulary.global.value(globalY) + MotionVocabulary.residualLevels.value(residual.y)
            velocity[cell] = SIMD2(Float(x) / 640, Float(y) / 360)
            validity[cell] = 1
        }
        return (velocity, validity)
    }

    /// The residual that a run repeats in a cell; a neighbour outside the picture or without motion rests.
    static func repeated(
        _ run: MotionVocabulary.Run, at cell: Int, in residuals: [MotionCode.Residual],
        before: [MotionCode.Residual]?, last: MotionCode.Residual, columns: Int
    ) -> MotionCode.Residual {
        switch run {
        case .rest: .rest
        case .above: cell >= columns ? residuals[cell - columns] : .rest
        case .before: before?[cell] ?? .rest
        case .left: last
        }
    }
}

/// Validity on 5 × 9 blocks of 4 × 4 cells; bit 0 of a row is its leftmost block.
struct BlockMask: Equatable {
    static let rows = 5
    static let columns = 9
    static let side = 4

    var bits: [Int]

    func isValid(row: Int, column: Int) -> Bool { bits[row] >> column & 1 == 1 }

    /// Indices of the coded cells of `side` × `side` field cells that lie in valid blocks, in raster order.
    func cells(side: Int) -> [Int] {
        let perBlock = Self.side / side
        let columns = Self.columns * perBlock
        return (0..<Self.rows * perBlock * columns).filter {
            isValid(row: $0 / columns / perBlock, column: $0 % columns / perBlock)
        }
    }
}
