/// A view of a row-major fp32 matrix. It does not own its memory: it is valid as long as the workspace's scope it was made in.
///
/// Several workers may use one matrix at a time as long as they write different elements.
public struct Matrix: @unchecked Sendable {
    public let base: UnsafeMutablePointer<Float>
    public let rows: Int
    public let columns: Int
    /// Elements between the beginnings of rows.
    public let stride: Int

    public init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
        self.base = base
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
    }

    public subscript(row: Int, column: Int) -> Float {
        get { base[row * stride + column] }
        nonmutating set { base[row * stride + column] = newValue }
    }

    /// One row.
    public subscript(row: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: base + row * stride, count: columns)
    }

    public func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
        return Matrix(base: base + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
    }

    public func columns(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
        return Matrix(base: base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// Copies elements in, row after row.
    public func fill(_ values: [Float]) {
        precondition(values.count == rows * columns, "\(values.count) values for \(rows) × \(columns)")
        for row in 0..<rows {
            for column in 0..<columns { self[row, column] = values[row * columns + column] }
        }
    }

    /// Copies a matrix of the same shape.
    public func copy(_ other: Matrix) {
        precondition(rows == other.rows && columns == other.columns, "shapes differ")
        for row in 0..<rows { (base + row * stride).update(from: other.base + row * other.stride, count: columns) }
    }

    /// The elements, row after row.
    public var values: [Float] {
        [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
            if let target = buffer.baseAddress {
                for row in 0..<rows { (target + row * columns).initialize(from: base + row * stride, count: columns) }
            }
            count = rows * columns
        }
    }
}
