package import Media

/// The cells of a field that lie under a mask, be it in part.
package struct CellMask: Sendable, Hashable {
    private let cells: [Int]

    /// Nil where nothing is masked.
    package init?(_ masks: PictureMasks, width: Int, height: Int) {
        let areas =
            masks.privatePixels(width: width, height: height) + masks.ignoredPixels(width: width, height: height)
        guard !areas.isEmpty, width > 0, height > 0 else { return nil }
        cells = (0..<MotionField.cells).filter { cell in
            let (row, column) = cell.quotientAndRemainder(dividingBy: MotionField.columns)
            return areas.contains {
                Self.overlaps($0.x, column, of: MotionField.columns, length: width)
                    && Self.overlaps($0.y, row, of: MotionField.rows, length: height)
            }
        }
    }

    /// In parts of a pixel, where cell borders are whole numbers.
    private static func overlaps(_ range: Range<Int>, _ cell: Int, of count: Int, length: Int) -> Bool {
        !range.isEmpty && range.lowerBound * count < (cell + 1) * length && range.upperBound * count > cell * length
    }

    /// Takes out what the field says of masked cells: their motion is not known, luma and texture are 0.
    package func apply(to field: inout MotionField) {
        for cell in cells {
            field.velocity[cell] = .zero
            field.validity[cell] = 0
            if !field.luma.isEmpty { field.luma[cell] = 0 }
            if !field.texture.isEmpty { field.texture[cell] = 0 }
        }
    }
}
