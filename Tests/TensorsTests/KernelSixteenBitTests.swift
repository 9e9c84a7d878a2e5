import CKernels
import Testing

/// Linear layers of 16-bit integers: how much the rounding is off, and that no row and no weights make the sums leave 32 bits.
@Suite struct KernelSixteenBitTests {
    static let levels = [vw_plain] + fastLevels

    @Test("several times finer than bf16", arguments: levels)
    func accuracy(level: vw_level) {
        for (inputs, bound) in [(64, 1e-4), (1408, 4.5e-4), (6144, 9.5e-4)] {
            var layer = KernelLayer(rows: 6, inputs: inputs, outputs: 64)
            layer.bias = nil
            layer.residual = nil
            let expected = layer.expected()
            #expect(Self.relativeError(layer.run(level, vw_i16), expected) < bound)
            #expect(Self.relativeError(layer.run(level, vw_bf16), expected) > 2 * bound)
        }
    }

    /// Root mean squares of the differences and of what is expected, one by the other.
    private static func relativeError(_ values: [Float], _ expected: [Double]) -> Double {
        let errors = zip(values, expected).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
        return (errors / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    @Test("sums fit whatever the numbers are", arguments: levels, [1, 2, 3, 5, 31, 700, 1408, 13_824])
    func extremes(level: vw_level, inputs: Int) {
        var rows = Self.hardRows(inputs)
        rows += rows.map { $0.map { -$0 } }
        // Each row meets itself and its opposite: products of one sign, whose sums are as large as the norms allow.
        var layer = KernelLayer(rows: rows.count, inputs: inputs, outputs: rows.count)
        layer.x = rows.flatMap { $0 }
        layer.weights = layer.x
        layer.bias = nil
        layer.residual = nil
        let y = layer.run(level, vw_i16)
        let expected = layer.expected()
        let norms = rows.map { row in row.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }
        // An element is off by half a step, a row by √inputs/2 of them, and its norm is 32767 steps at least.
        let share = 1.02 * Double(inputs).squareRoot() / 32_767 + 1e-6
        for i in rows.indices {
            for j in rows.indices {
                let index = i * rows.count + j
                #expect(abs(Double(y[index]) - expected[index]) <= norms[i] * norms[j] * share, "rows \(i) and \(j)")
            }
        }
        if level != vw_plain { #expect(y == layer.run(vw_plain, vw_i16)) }
    }

    /// Rows of many equal numbers, of outliers, of changing signs, huge and tiny, and zeros.
    private static func hardRows(_ count: Int) -> [[Float]] {
        var uniform = Uniform(count)
        let noise = uniform.numbers(count)
        return [
            noise,
            noise.map { abs($0) },
            [Float](repeating: 1e4, count: count),
            (0..<count).map { $0 % 2 == 0 ? 3 : -3 },
            (0..<count).map { $0 == count / 2 ? 1e4 : noise[$0] },
            (0..<count).map { $0 % 100 == 0 ? 1 : 1e-3 * noise[$0] },
            (0..<count).map { $0 == 0 ? 1 : 0 },
            (0..<count).map { Float($0 + 1) },
            noise.map { $0 * 1e15 },
            noise.map { $0 * 1e-15 },
            [Float](repeating: 0, count: count),
        ]
    }

    @Test("what is not finite is not hidden", arguments: levels, [Float.nan, .infinity, -.infinity])
    func nonfinite(level: vw_level, number: Float) {
        var layer = KernelLayer(rows: 3, inputs: 50, outputs: 40)
        let finite = layer.run(level, vw_i16)
        layer.x[50 + 49] = number
        layer.weights[7 * 50 + 3] = number
        let y = layer.run(level, vw_i16)
        for index in y.indices {
            if index / 40 == 1 || index % 40 == 7 {
                #expect(!y[index].isFinite)
            } else {
                #expect(y[index] == finite[index])
            }
        }
    }
}
