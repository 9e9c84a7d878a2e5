/// Bicubic resizing of tensors as PyTorch's `interpolate(mode="bicubic", align_corners=False, antialias=False)` does it on CPUs: a = −0.75,
/// taps beyond a border are the border's value, results are not limited. Coordinates and sums are float32, in PyTorch's order.
public enum TensorBicubic {
    /// Resizes planes that lie one behind another, each row-major.
    ///
    /// - Parameter values: planes × rows × columns.
    /// - Returns: planes × newRows × newColumns.
    public static func resize(
        _ values: [Float], rows: Int, columns: Int, toRows newRows: Int, columns newColumns: Int
    ) -> [Float] {
        precondition(rows > 0 && columns > 0 && newRows > 0 && newColumns > 0, "a plane without elements")
        precondition(values.count % (rows * columns) == 0, "not a whole number of planes")
        let vertical = taps(of: rows, in: newRows)
        let horizontal = taps(of: columns, in: newColumns)
        let planes = values.count / (rows * columns)
        return [Float](unsafeUninitializedCapacity: planes * newRows * newColumns) { result, count in
            values.withUnsafeBufferPointer { values in
                for plane in 0..<planes {
                    for row in vertical {
                        for column in horizontal {
                            var sum: Float = 0
                            for tap in 0..<4 {
                                let start = (plane * rows + row.index[tap]) * columns
                                var line = values[start + column.index[0]] * column.weight[0]
                                line += values[start + column.index[1]] * column.weight[1]
                                line += values[start + column.index[2]] * column.weight[2]
                                line += values[start + column.index[3]] * column.weight[3]
                                sum += line * row.weight[tap]
                            }
                            result.initializeElement(at: count, to: sum)
                            count += 1
                        }
                    }
                }
            }
        }
    }

    /// The four elements that a new one is made of.
    private struct Taps {
        var index: SIMD4<Int>
        var weight: SIMD4<Float>
    }

    private static func taps(of length: Int, in newLength: Int) -> [Taps] {
        let scale = Float(length) / Float(newLength)
        return (0..<newLength).map { place in
            let position = scale * (Float(place) + 0.5) - 0.5
            let floor = position.rounded(.down)
            let fraction = position - floor
            let first = Int(floor) - 1
            let index = SIMD4(first, first + 1, first + 2, first + 3)
            return Taps(
                index: pointwiseMin(pointwiseMax(index, SIMD4(repeating: 0)), SIMD4(repeating: length - 1)),
                weight: SIMD4(outer(fraction + 1), inner(fraction), inner(1 - fraction), outer(1 - fraction + 1)))
        }
    }

    private static let a: Float = -0.75

    /// The kernel up to a distance of 1, and from 1 to 2; fused as compilers fuse PyTorch's.
    private static func inner(_ x: Float) -> Float {
        Float(1).addingProduct((-(a + 3)).addingProduct(a + 2, x) * x, x)
    }

    private static func outer(_ x: Float) -> Float {
        (-4 * a).addingProduct((8 * a).addingProduct((-5 * a).addingProduct(a, x), x), x)
    }
}
