import CKernels
import Testing

/// Elements of checkpoints: widening, the search for numbers that are not finite, packing.
@Suite struct KernelElementTests {
    static let levels = [vw_plain] + fastLevels

    @Test("every half-precision number widens exactly", arguments: levels)
    func widen(level: vw_level) {
        let patterns = (0...UInt16.max).map { $0 }
        let halves = patterns.map { Float(Float16(bitPattern: $0)) }
        let brains = patterns.map { Float(bitPattern: UInt32($0) << 16) }
        #expect(Self.differences(widened(level, vw_element_f16, patterns), halves) == 0)
        #expect(Self.differences(widened(level, vw_element_bf16, patterns), brains) == 0)
        #expect(Self.differences(widened(level, vw_element_f32, halves), halves) == 0)
        for count in 0..<40 {
            #expect(
                Self.differences(
                    widened(level, vw_element_f16, Array(patterns[100..<100 + count])), halves[100..<100 + count]) == 0)
        }
    }

    /// Elements that lie at an odd address.
    private func widened<Element>(_ level: vw_level, _ type: vw_element, _ elements: [Element]) -> [Float] {
        let size = MemoryLayout<Element>.stride
        let bytes = KernelBytes(elements.count * size + 1)
        elements.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes.bytes[1...]).copyMemory(from: $0) }
        return [Float](unsafeUninitializedCapacity: elements.count + 1) { out, count in
            out[elements.count] = 42
            vw_widen(level, type, bytes.base?.advanced(by: 1), elements.count, out.baseAddress)
            count = out[elements.count] == 42 ? elements.count : 0
        }
    }

    private static func differences(_ values: [Float], _ expected: some Collection<Float>) -> Int {
        guard values.count == expected.count else { return .max }
        return zip(values, expected).count { $0.isNaN ? !$1.isNaN : $0.bitPattern != $1.bitPattern }
    }

    @Test("the first number that is not finite is found", arguments: levels)
    func nonfinite(level: vw_level) {
        for count in [0, 1, 15, 16, 31, 33, 64, 100, 131] {
            let finite: [Float16] = (0..<count).map { $0 % 2 == 0 ? .greatestFiniteMagnitude : -.leastNonzeroMagnitude }
            #expect(first(level, finite) == [count, count, count])
            for index in 0..<count {
                var halves = finite
                halves[index] = index % 3 == 0 ? .nan : index % 3 == 1 ? .infinity : -.infinity
                halves[count - 1] = .nan
                #expect(first(level, halves) == [index, index, index])
            }
        }
    }

    /// By type: f32, f16, bf16.
    private func first(_ level: vw_level, _ halves: [Float16]) -> [Int] {
        let floats = halves.map(Float.init)
        let brains = floats.map { UInt16($0.bitPattern >> 16) }
        return [
            vw_find_nonfinite(level, vw_element_f32, floats, floats.count),
            vw_find_nonfinite(level, vw_element_f16, halves, halves.count),
            vw_find_nonfinite(level, vw_element_bf16, brains, brains.count),
        ]
    }

    @Test("all levels pack the same bytes, at once or by panels", arguments: fastLevels, allPrecisions)
    func pack(level: vw_level, precision: vw_precision) {
        var uniform = Uniform(7)
        for (outputs, inputs) in [(1, 1), (2, 139), (8, 2), (32, 64), (33, 70), (96, 33), (64, 1408), (100, 257)] {
            let floats = uniform.numbers(outputs * inputs)
            let halves = floats.map(Float16.init)
            let brains = floats.map { UInt16($0.bitPattern >> 16) }
            for (type, elements) in [
                (vw_element_f32, floats.withUnsafeBytes(Array.init)),
                (vw_element_f16, halves.withUnsafeBytes(Array.init)),
                (vw_element_bf16, brains.withUnsafeBytes(Array.init)),
            ] {
                let whole = Packed(vw_plain, precision, outputs, inputs, type, elements, step: outputs)
                #expect(Packed(level, precision, outputs, inputs, type, elements, step: outputs) == whole)
                #expect(Packed(level, precision, outputs, inputs, type, elements, step: 32) == whole)
            }
        }
    }
}

/// What `vw_pack` makes of a matrix, `step` rows at a time.
private struct Packed: Equatable {
    var bytes: [UInt8]
    var scales: [UInt8]

    init(
        _ level: vw_level, _ precision: vw_precision, _ outputs: Int, _ inputs: Int, _ type: vw_element,
        _ elements: [UInt8], step: Int
    ) {
        let packed = KernelBytes(vw_packed_bytes(precision, outputs, inputs))
        let scales = KernelBytes((outputs + 31) / 32 * 32 * 4)
        elements.withUnsafeBytes { elements in
            for first in stride(from: 0, to: outputs, by: step) {
                vw_pack(
                    level, precision, outputs, inputs, first, min(step, outputs - first), type,
                    elements.baseAddress?.advanced(by: first * elements.count / outputs), packed.base,
                    scales.base?.assumingMemoryBound(to: Float.self))
            }
        }
        bytes = Array(packed.bytes)
        self.scales = Array(scales.bytes)
    }
}
