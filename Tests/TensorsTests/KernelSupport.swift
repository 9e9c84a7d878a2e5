import CKernels
import Foundation

/// Memory of kernels, on a cache line; zeros at first.
final class KernelBytes {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ count: Int) {
        bytes = .allocate(byteCount: max(count, 1), alignment: 64)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { bytes.deallocate() }

    var base: UnsafeMutableRawPointer? { bytes.baseAddress }
}

/// The levels above plain that this machine can run.
let fastLevels: [vw_level] = {
    let best = vw_best_level().rawValue
    var levels = [vw_avx2, vw_avx512, vw_avx512_bf16].filter { $0.rawValue <= best }
    if best >= vw_avx512.rawValue { levels.append(vw_avx512_bf16_emulated) }
    return levels
}()

let allPrecisions = [vw_f32, vw_bf16, vw_i8, vw_i16]

/// Made-up numbers, the same at each run: uniform in -1 ..< 1.
struct Uniform {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
    }

    mutating func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// A linear layer and its input, and how to run it by the kernels.
struct KernelLayer {
    var rows: Int
    var inputs: Int
    var outputs: Int
    var x: [Float]
    var weights: [Float]
    var bias: [Float]?
    var activation = vw_no_activation
    var residual: [Float]?
    var norm: (gamma: [Float], beta: [Float], epsilon: Float)?
    /// Numbers of the rows of x, `segments` a row.
    var gather: (numbers: [Int32], segments: Int)?

    init(rows: Int, inputs: Int, outputs: Int, seed: Int = 1) {
        var uniform = Uniform(seed)
        self.rows = rows
        self.inputs = inputs
        self.outputs = outputs
        x = uniform.numbers(rows * inputs)
        weights = uniform.numbers(outputs * inputs)
        bias = uniform.numbers(outputs)
        residual = uniform.numbers(rows * outputs)
    }

    /// What `vw_multiply` makes of it; in one call, or in tiles of so many rows and panels.
    func run(_ level: vw_level, _ precision: vw_precision, tile: (rows: Int, panels: Int)? = nil) -> [Float] {
        let panels = (outputs + vw_panel - 1) / vw_panel
        let packed = KernelBytes(vw_packed_bytes(precision, outputs, inputs))
        let scales = KernelBytes(panels * vw_panel * 4)
        vw_pack(
            level, precision, outputs, inputs, 0, outputs, vw_element_f32, weights, packed.base,
            scales.base?.assumingMemoryBound(to: Float.self))
        let left = KernelBytes(rows * vw_left_stride(level, precision, inputs))
        let leftScales = KernelBytes(rows * MemoryLayout<vw_row_scale>.stride)
        prepare(level, precision, left, leftScales)
        let scratch = KernelBytes(vw_multiply_scratch(level, precision, inputs))
        var y = [Float](repeating: .nan, count: rows * outputs)
        y.withUnsafeMutableBufferPointer { y in
            withOptional(bias) { bias in
                withOptional(residual) { residual in
                    var product = vw_product(
                        inputs: inputs, outputs: outputs, packed: packed.base,
                        weight_scales: scales.base?.assumingMemoryBound(to: Float.self), left: left.base,
                        left_scales: leftScales.base?.assumingMemoryBound(to: vw_row_scale.self), bias: bias,
                        activation: activation, residual: residual, residual_stride: outputs, y: y.baseAddress,
                        y_stride: outputs)
                    let tile = tile ?? (rows, panels)
                    for row in stride(from: 0, to: rows, by: tile.rows) {
                        for panel in stride(from: 0, to: panels, by: tile.panels) {
                            vw_multiply(
                                level, precision, &product, row, min(tile.rows, rows - row), panel,
                                min(tile.panels, panels - panel), scratch.base)
                        }
                    }
                }
            }
        }
        return y
    }

    private func prepare(_ level: vw_level, _ precision: vw_precision, _ left: KernelBytes, _ scales: KernelBytes) {
        withRows { rows in
            vw_prepare(
                level, precision, rows, 0, self.rows, left.base,
                scales.base?.assumingMemoryBound(to: vw_row_scale.self))
        }
    }

    /// The rows as the kernels take them.
    func withRows(_ body: (UnsafePointer<vw_rows>) -> Void) {
        let segments = gather?.segments ?? 1
        withOptional(norm?.gamma) { gamma in
            withOptional(norm?.beta) { beta in
                withOptional(gather?.numbers) { numbers in
                    x.withUnsafeBufferPointer { x in
                        var rows = vw_rows(
                            x: x.baseAddress, stride: inputs / segments, columns: inputs, gamma: gamma, beta: beta,
                            epsilon: norm?.epsilon ?? 0, gather: numbers, segments: segments)
                        body(&rows)
                    }
                }
            }
        }
    }

    /// The same by double-precision arithmetic, straight from the definition.
    func expected() -> [Double] {
        var y: [Double] = []
        for row in 0..<rows {
            let x = expectedRow(row)
            for output in 0..<outputs {
                var sum = zip(x, weights[output * inputs..<(output + 1) * inputs]).reduce(0) {
                    $0 + $1.0 * Double($1.1)
                }
                sum += Double(bias?[output] ?? 0)
                switch activation {
                case vw_gelu: sum *= 0.5 * (1 + erf(sum / 2.0.squareRoot()))
                case vw_tanh: sum = tanh(sum)
                default: break
                }
                y.append(sum + Double(residual?[row * outputs + output] ?? 0))
            }
        }
        return y
    }

    func expectedRow(_ row: Int) -> [Double] {
        var x: [Double]
        if let gather {
            let length = inputs / gather.segments
            x = gather.numbers[row * gather.segments..<(row + 1) * gather.segments].flatMap { number in
                (0..<length).map { number < 0 ? 0 : Double(self.x[Int(number) * length + $0]) }
            }
        } else {
            x = self.x[row * inputs..<(row + 1) * inputs].map(Double.init)
        }
        guard let norm else { return x }
        let mean = x.reduce(0, +) / Double(inputs)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(inputs)
        return x.indices.map { k in
            (x[k] - mean) / (variance + Double(norm.epsilon)).squareRoot() * Double(norm.gamma[k])
                + Double(norm.beta[k])
        }
    }
}

private func withOptional<Element>(_ array: [Element]?, _ body: (UnsafePointer<Element>?) -> Void) {
    guard let array else { return body(nil) }
    array.withUnsafeBufferPointer { body($0.baseAddress) }
}

/// The greatest absolute difference; not a number where one is not.
func largestDifference(_ values: [Float], _ expected: [Double]) -> Double {
    zip(values, expected).reduce(0) { worst, pair in
        let difference = abs(Double(pair.0) - pair.1)
        return difference.isNaN || worst.isNaN ? .nan : max(worst, difference)
    }
}

func largestDifference(_ values: [Float], _ expected: [Float]) -> Double {
    largestDifference(values, expected.map(Double.init))
}
