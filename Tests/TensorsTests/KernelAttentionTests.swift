import CKernels
import Foundation
import Testing

/// One head of attention by the kernels against double-precision arithmetic.
@Suite struct KernelAttentionTests {
    static let levels = [vw_plain] + fastLevels

    @Test("softmax and the merger's masks", arguments: levels, [vw_softmax, vw_merger_causal, vw_merger_cross])
    func masks(level: vw_level, mask: vw_mask) {
        for (queries, keys, head) in [
            (1, 1, 8), (3, 1, 2), (1, 31, 8), (24, 24, 64), (17, 17, 8), (40, 33, 88), (12, 64, 64), (70, 71, 9),
            (257, 257, 88),
        ] {
            let attention = KernelAttention(queries: queries, keys: keys, head: head, mask: mask)
            let expected = attention.expected()
            #expect(largestDifference(attention.run(level, vw_f32), expected) < 2e-6)
            for precision in [vw_bf16, vw_i8, vw_i16] {
                #expect(largestDifference(attention.run(level, precision), expected) < 1e-3)
            }
        }
    }

    @Test(
        "the merger's cross-attention is the plain average where everything is kept", arguments: levels, allPrecisions)
    func nothingDropped(level: vw_level, precision: vw_precision) {
        var attention = KernelAttention(queries: 5, keys: 80, head: 8, mask: vw_merger_cross)
        attention.keep = [UInt8](repeating: 1, count: 80)
        let mean = (0..<8).map { c in
            (0..<80).map { Double(attention.v[$0 * attention.stride + c]) }.reduce(0, +) / 80
        }
        let expected = (0..<5).flatMap { _ in mean }
        #expect(largestDifference(attention.run(level, precision), expected) < (precision == vw_f32 ? 1e-6 : 1e-3))
    }

    @Test("weights keep their relative precision down to e⁻⁸⁰", arguments: levels)
    func exponential(level: vw_level) {
        let queries = 8_001
        var attention = KernelAttention(queries: queries, keys: 2, head: 2, mask: vw_softmax)
        attention.scale = 1
        attention.q = attention.rows((0..<queries).map { [Float($0) / -100, 0] })
        attention.k = attention.rows([[0, 0], [1, 0]])
        attention.v = attention.rows([[1, 0], [0, 1]])
        let y = attention.run(level, vw_f32)
        var worst = 0.0
        for query in 0..<queries {
            let e: Double = exp(Double(attention.q[query * attention.stride]))
            let first = Double(y[2 * query]) * (1 + e)
            let second = Double(y[2 * query + 1]) * (1 + e) / e
            worst = max(worst, abs(first - 1), abs(second - 1))
        }
        #expect(worst < 4e-7)
    }

    @Test("a number that is not one is not hidden", arguments: levels, allPrecisions)
    func nan(level: vw_level, precision: vw_precision) {
        var attention = KernelAttention(queries: 9, keys: 90, head: 8, mask: vw_softmax)
        attention.q[4 * attention.stride + 3] = .nan
        let y = attention.run(level, precision)
        #expect(
            y[32..<40].allSatisfy { $0.isNaN } && y[..<32].allSatisfy { $0.isFinite }
                && y[40...].allSatisfy { $0.isFinite })
        attention.k[70 * attention.stride] = .nan
        #expect(attention.run(level, precision).allSatisfy { $0.isNaN })
    }
}

private struct KernelAttention {
    var queries: Int
    var keys: Int
    var head: Int
    var mask: vw_mask
    var stride: Int
    var q: [Float]
    var k: [Float]
    var v: [Float]
    var keep: [UInt8]
    var scale: Float

    init(queries: Int, keys: Int, head: Int, mask: vw_mask) {
        var uniform = Uniform(queries + keys + head)
        self.queries = queries
        self.keys = keys
        self.head = head
        self.mask = mask
        stride = head + 5
        q = uniform.numbers(queries * stride).map { 4 * $0 }
        k = uniform.numbers(keys * stride)
        v = uniform.numbers(keys * stride)
        keep = uniform.numbers(keys).map { $0 < 0.3 ? 0 : 1 }
        scale = 1 / Float(head).squareRoot()
    }

    func rows(_ rows: [[Float]]) -> [Float] { rows.flatMap { $0 + [Float](repeating: 0, count: stride - $0.count) } }

    func run(_ level: vw_level, _ precision: vw_precision) -> [Float] {
        let scratch = KernelBytes(vw_attention_scratch(level, precision, queries, keys, head))
        var y = [Float](repeating: .infinity, count: queries * head)
        y.withUnsafeMutableBufferPointer { y in
            q.withUnsafeBufferPointer { q in
                k.withUnsafeBufferPointer { k in
                    v.withUnsafeBufferPointer { v in
                        keep.withUnsafeBufferPointer { keep in
                            var attention = vw_attention(
                                q: q.baseAddress, k: k.baseAddress, v: v.baseAddress, q_stride: stride,
                                k_stride: stride,
                                v_stride: stride, y: y.baseAddress, y_stride: head, queries: queries, keys: keys,
                                head: head, scale: scale, mask: mask,
                                keep: mask == vw_softmax ? nil : keep.baseAddress)
                            vw_attend(level, precision, &attention, scratch.base)
                        }
                    }
                }
            }
        }
        return y
    }

    func expected() -> [Double] {
        (0..<queries).flatMap { i -> [Double] in
            let scores = (0..<keys).map { score(i, $0) }
            let largest = scores.max() ?? 0
            let epsilon = mask == vw_softmax ? 0 : 1e-6
            let weights = (0..<keys).map { keeps(i, $0) ? exp(scores[$0] - largest) : 0 }
            let sum = weights.reduce(0, +) + epsilon
            return (0..<head).map { c in
                var y = 0.0
                for j in 0..<keys { y += (weights[j] + epsilon / Double(keys)) / sum * Double(v[j * stride + c]) }
                return y
            }
        }
    }

    private func score(_ i: Int, _ j: Int) -> Double {
        var sum = 0.0
        for c in 0..<head { sum += Double(q[i * stride + c]) * Double(k[j * stride + c]) }
        return sum * Double(scale)
    }

    private func keeps(_ i: Int, _ j: Int) -> Bool {
        switch mask {
        case vw_merger_causal: (keep[j] != 0 || i == j) && j <= i
        case vw_merger_cross: keep[j] == 0
        default: true
        }
    }
}
