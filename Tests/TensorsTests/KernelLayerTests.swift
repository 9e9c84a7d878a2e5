import CKernels
import Foundation
import Testing

/// Linear layers by the kernels: every level and precision against arithmetic straight from the definition.
@Suite struct KernelLayerTests {
    static let levels = [vw_plain] + fastLevels
    /// rows, inputs, outputs
    static let shapes = [
        (1, 1, 1), (5, 139, 2), (3, 2, 8), (7, 33, 31), (6, 64, 64), (13, 515, 97), (29, 1030, 65), (2, 2100, 40),
        (300, 70, 33),
    ]

    /// What sums of products of this many uniform numbers may be off by in fp32.
    private func tolerance(_ inputs: Int) -> Double { 1.5e-6 * Double(inputs + 1).squareRoot() }

    @Test("fp32", arguments: levels)
    func fp32(level: vw_level) {
        for (rows, inputs, outputs) in Self.shapes {
            let layer = KernelLayer(rows: rows, inputs: inputs, outputs: outputs)
            #expect(largestDifference(layer.run(level, vw_f32), layer.expected()) < tolerance(inputs))
        }
    }

    @Test("bf16 is the product of rounded numbers", arguments: levels)
    func bf16(level: vw_level) {
        for (rows, inputs, outputs) in Self.shapes {
            let layer = KernelLayer(rows: rows, inputs: inputs, outputs: outputs)
            var rounded = layer
            rounded.x = layer.x.map(Self.roundedToBFloat16)
            rounded.weights = layer.weights.map(Self.roundedToBFloat16)
            #expect(largestDifference(layer.run(level, vw_bf16), rounded.expected()) < tolerance(inputs))
        }
    }

    private static func roundedToBFloat16(_ x: Float) -> Float {
        let below = Float(bitPattern: x.bitPattern & 0xFFFF_0000)
        let above = Float(bitPattern: below.bitPattern + 0x1_0000)
        if abs(x - below) == abs(above - x) { return below.bitPattern & 0x1_0000 == 0 ? below : above }
        return abs(x - below) < abs(above - x) ? below : above
    }

    @Test("8 bits are exact sums of quantised numbers", arguments: levels)
    func i8(level: vw_level) {
        for (rows, inputs, outputs) in Self.shapes {
            let layer = KernelLayer(rows: rows, inputs: inputs, outputs: outputs)
            var quantised = layer
            quantised.x = Self.quantised(layer.x, columns: inputs)
            quantised.weights = Self.quantised(layer.weights, columns: inputs)
            // The scales are products and quotients in fp32.
            #expect(largestDifference(layer.run(level, vw_i8), quantised.expected()) < 4e-7 * Double(inputs + 4))
        }
    }

    /// Each row rounded to whole multiples of 1/127 of its largest magnitude.
    private static func quantised(_ matrix: [Float], columns: Int) -> [Float] {
        stride(from: 0, to: matrix.count, by: columns).flatMap { begin -> [Float] in
            let row = matrix[begin..<begin + columns]
            let largest = row.map(abs).max() ?? 0
            return row.map { ($0 * (127 / largest)).rounded(.toNearestOrEven) * (largest / 127) }
        }
    }

    @Test("the integer sums of all levels are equal", arguments: fastLevels, [vw_i8, vw_i16])
    func integers(level: vw_level, precision: vw_precision) {
        for (rows, inputs, outputs) in Self.shapes {
            var layer = KernelLayer(rows: rows, inputs: inputs, outputs: outputs)
            layer.bias = nil
            layer.residual = nil
            #expect(layer.run(level, precision) == layer.run(vw_plain, precision))
        }
    }

    @Test("the largest sums of 8-bit products fit", arguments: levels)
    func extremes(level: vw_level) {
        var layer = KernelLayer(rows: 1, inputs: 13_824, outputs: 1)
        layer.x = [Float](repeating: -127, count: layer.inputs)
        layer.weights = [Float](repeating: 127, count: layer.inputs)
        layer.bias = nil
        layer.residual = nil
        #expect(layer.run(level, vw_i8) == [-222_967_296])
    }

    @Test("a row's numbers do not depend on the tiles", arguments: levels, allPrecisions)
    func tiles(level: vw_level, precision: vw_precision) {
        for (rows, inputs, outputs) in [(31, 139, 200), (23, 1300, 330), (7, 64, 1100)] {
            var layer = KernelLayer(rows: rows, inputs: inputs, outputs: outputs)
            layer.activation = vw_gelu
            let whole = layer.run(level, precision)
            for tile in [(1, 1), (2, 3), (5, 1), (6, 2), (11, 5), (rows, 1), (1, 7)] {
                #expect(layer.run(level, precision, tile: tile) == whole)
            }
        }
    }

    @Test("LayerNorm, also of rows far from zero", arguments: levels)
    func norm(level: vw_level) {
        for columns in [2, 7, 16, 139, 1408] {
            var layer = KernelLayer(rows: 5, inputs: columns, outputs: 1)
            layer.norm = (Uniform.numbers(columns, 3), Uniform.numbers(columns, 4), 1e-6)
            layer.x = layer.x.map { $0 + 30 }
            let expected = (0..<5).flatMap(layer.expectedRow)
            var y = [Float](repeating: 0, count: 5 * columns)
            layer.withRows { vw_layer_norm(level, $0, 0, 5, &y, columns) }
            // x itself is off by half a unit in its last place, and so is the difference from the mean.
            #expect(largestDifference(y, expected) < 2e-5)
            layer.x = layer.x.map { $0 - 30 }
            let near = (0..<5).flatMap(layer.expectedRow)
            layer.withRows { vw_layer_norm(level, $0, 0, 5, &y, columns) }
            #expect(largestDifference(y, near) < 2e-6)
            layer.x = y
            #expect(largestDifference(layer.run(level, vw_f32), layer.expected()) < tolerance(columns) * 2)
        }
    }

    @Test("rows are gathered, and zeros stand where there is none", arguments: levels, allPrecisions)
    func gather(level: vw_level, precision: vw_precision) {
        for length in [2, 16, 21] {
            let segments = 27
            var layer = KernelLayer(rows: 4, inputs: segments * length, outputs: 5)
            let numbers = (0..<4 * segments).map { Int32($0 * 7 % 19) - 3 }
            layer.gather = (numbers, segments)
            var straight = layer
            straight.gather = nil
            straight.x = (0..<4).flatMap { layer.expectedRow($0).map(Float.init) }
            #expect(layer.run(level, precision) == straight.run(level, precision))
            #expect(largestDifference(layer.run(level, vw_f32), layer.expected()) < tolerance(layer.inputs))
        }
    }

    @Test("activations over a dense range", arguments: levels)
    func activations(level: vw_level) {
        let count = 200_001
        var layer = KernelLayer(rows: count, inputs: 1, outputs: 1)
        layer.x = (0..<count).map { (Float($0) - 100_000) / 10_000 }
        layer.weights = [1]
        layer.bias = nil
        layer.residual = nil
        for activation in [vw_gelu, vw_tanh] {
            layer.activation = activation
            let worst = zip(layer.run(level, vw_f32), zip(layer.x, layer.expected())).reduce(0) { worst, values in
                max(worst, abs(Double(values.0) - values.1.1) / max(1, abs(Double(values.1.0))))
            }
            #expect(worst < 2e-7)
        }
    }

    @Test("rows of zeros give the bias, and what is not a number is not hidden", arguments: levels, allPrecisions)
    func zerosAndNaN(level: vw_level, precision: vw_precision) {
        var layer = KernelLayer(rows: 3, inputs: 50, outputs: 40)
        layer.residual = nil
        layer.x.replaceSubrange(0..<50, with: repeatElement(0, count: 50))
        layer.x[50 + 20] = .nan
        let y = layer.run(level, precision)
        #expect(Array(y[..<40]) == layer.bias)
        #expect(y[40..<80].allSatisfy { $0.isNaN })
        #expect(y[80...].allSatisfy { $0.isFinite })
    }
}

extension Uniform {
    fileprivate static func numbers(_ count: Int, _ seed: Int) -> [Float] {
        var uniform = Uniform(seed)
        return uniform.numbers(count)
    }
}
