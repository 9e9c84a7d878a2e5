package import Media

/// The grid of 20 × 36 cells over pictures of one size, and the sums of block vectors in its cells.
///
/// Cells need not be whole pixels wide. Horizontally everything is counted in 1/36 pixel and vertically in 1/20, where cell
/// borders, block borders and hence all overlaps are whole numbers.
package struct CellGrid: Sendable, Hashable {
    package let width: Int
    package let height: Int
    private let columns: Axis
    private let rows: Axis

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
        columns = Axis(pixels: width, cells: MotionField.columns)
        rows = Axis(pixels: height, cells: MotionField.rows)
    }

    /// The area of every cell in the units of `CellSums`.
    package var cellArea: Int64 { Int64(width) * Int64(height) }

    /// The sums of one picture's vectors.
    package func sum(_ vectors: UnsafeBufferPointer<MotionVector>) -> CellSums {
        var sums = CellSums(count: MotionField.cells)
        add(vectors, to: &sums)
        return sums
    }

    /// Adds the blocks that point to the past, clipped to the picture.
    package func add(_ vectors: UnsafeBufferPointer<MotionVector>, to sums: inout CellSums) {
        columns.bounds.withUnsafeBufferPointer { columns in
            rows.bounds.withUnsafeBufferPointer { rows in
                sums.cells.withUnsafeMutableBufferPointer { cells in
                    guard cells.count == MotionField.cells, let target = cells.baseAddress,
                        let columns = columns.baseAddress, let rows = rows.baseAddress
                    else { return }
                    for vector in vectors where vector.source < 0 {
                        add(vector, columns, rows, target)
                    }
                }
            }
        }
    }

    @inline(__always)
    private func add(
        _ vector: MotionVector, _ columns: UnsafePointer<Axis.Bounds>, _ rows: UnsafePointer<Axis.Bounds>,
        _ cells: UnsafeMutablePointer<CellSums.Cell>
    ) {
        // Coordinates are 16 bits wide, sizes 8, pictures at most 16 bits a side: nothing here can overflow.
        let left = Int(vector.destinationX) &- Int(vector.width >> 1)
        let top = Int(vector.destinationY) &- Int(vector.height >> 1)
        let x0 = max(left, 0), x1 = min(left &+ Int(vector.width), width)
        let y0 = max(top, 0), y1 = min(top &+ Int(vector.height), height)
        guard x0 < x1, y0 < y1 else { return }
        let x = vector.quarterPixelX, y = vector.quarterPixelY
        let column = Int(columns[x0].first), row = Int(rows[y0].first)
        let lastColumn = Int(columns[x1 &- 1].last), lastRow = Int(rows[y1 &- 1].last)
        if column == lastColumn, row == lastRow {
            let area = Int64((x1 &- x0) &* (y1 &- y0) &* MotionField.cells)
            return cells[row &* MotionField.columns &+ column].add(area, x, y)
        }
        for row in row...lastRow {
            let tall = Self.overlap(y0, y1, MotionField.rows, row, height)
            for column in column...lastColumn {
                let wide = Self.overlap(x0, x1, MotionField.columns, column, width)
                cells[row &* MotionField.columns &+ column].add(tall &* wide, x, y)
            }
        }
    }

    @inline(__always)
    private static func overlap(_ from: Int, _ to: Int, _ parts: Int, _ cell: Int, _ length: Int) -> Int64 {
        let low = max(from &* parts, cell &* length)
        let high = min(to &* parts, (cell &+ 1) &* length)
        return Int64(max(high &- low, 0))
    }
}

/// Which cells each pixel of a row or a column touches.
private struct Axis: Sendable, Hashable {
    struct Bounds: BitwiseCopyable, Sendable, Hashable {
        var first: UInt8
        var last: UInt8
    }

    let bounds: [Bounds]

    init(pixels: Int, cells: Int) {
        bounds = (0..<max(pixels, 0)).map { pixel in
            Bounds(first: UInt8(pixel * cells / pixels), last: UInt8(((pixel + 1) * cells - 1) / pixels))
        }
    }
}

extension MotionVector {
    /// The vector in quarter pixels, kept within ± 8192 pixels.
    @inline(__always)
    fileprivate var quarterPixelX: Int64 { Self.quarterPixels(motionX, motionScale) }
    @inline(__always)
    fileprivate var quarterPixelY: Int64 { Self.quarterPixels(motionY, motionScale) }

    @inline(__always)
    private static func quarterPixels(_ motion: Int32, _ scale: UInt16) -> Int64 {
        let value = scale == 4 ? Int64(motion) : Int64(motion) &* 4 / Int64(max(scale, 1))
        return min(max(value, -32_768), 32_768)
    }
}
