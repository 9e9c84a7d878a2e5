import Tensors
import Testing

@Suite struct TensorBicubicTests {
    @Test("as many elements as before are the same elements")
    func identity() {
        let values = (0..<24).map { Float($0 * $0 % 7) }
        #expect(TensorBicubic.resize(values, rows: 3, columns: 4, toRows: 3, columns: 4) == values)
    }

    @Test("each new element is the sum of its sixteen neighbours by the formula, whatever the sizes")
    func formula() {
        for (rows, columns, newRows, newColumns) in [(5, 7, 20, 36), (27, 48, 20, 36), (1, 1, 3, 2), (8, 12, 16, 16)] {
            let values = (0..<2 * rows * columns).map { Float(($0 * 7919) % 1009) / 50 - 10 }
            let fast = TensorBicubic.resize(
                values, rows: rows, columns: columns, toRows: newRows, columns: newColumns)
            let slow = slowResize(values, rows, columns, newRows, newColumns)
            let largest = zip(fast, slow).map { abs(Double($0) - $1) }.max() ?? .infinity
            // Coordinates are float32: up to 3e-6 of the largest value off.
            #expect(fast.count == slow.count && largest < 1e-4)
        }
    }

    /// In doubles, a tap at a time.
    private func slowResize(
        _ values: [Float], _ rows: Int, _ columns: Int, _ newRows: Int, _ newColumns: Int
    ) -> [Double] {
        func kernel(_ distance: Double) -> Double {
            let (a, x) = (-0.75, abs(distance))
            if x <= 1 { return (a + 2) * x * x * x - (a + 3) * x * x + 1 }
            return x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0
        }
        func place(_ index: Int, _ old: Int, _ new: Int) -> Double {
            (Double(index) + 0.5) * Double(old) / Double(new) - 0.5
        }
        var result: [Double] = []
        for plane in 0..<values.count / (rows * columns) {
            for row in 0..<newRows {
                for column in 0..<newColumns {
                    let (y, x) = (place(row, rows, newRows), place(column, columns, newColumns))
                    var sum = 0.0
                    for j in Int(y.rounded(.down)) - 1...Int(y.rounded(.down)) + 2 {
                        for i in Int(x.rounded(.down)) - 1...Int(x.rounded(.down)) + 2 {
                            let from = (plane * rows + min(max(j, 0), rows - 1)) * columns + min(max(i, 0), columns - 1)
                            sum += Double(values[from]) * kernel(y - Double(j)) * kernel(x - Double(i))
                        }
                    }
                    result.append(sum)
                }
            }
        }
        return result
    }
}
