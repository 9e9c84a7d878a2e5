/// Made-up parameters with magnitudes that a deep network bears: each element follows from the seed, the key and the place alone, so that
/// any part can be made at any time. The bfloat16 of a seed are its float32, rounded.
struct SeededWeights {
    private enum Rule {
        /// centre ± amplitude, uniform
        case uniform(centre: Float, amplitude: Float)
        /// Rows of length 1.
        case unitRows(width: Int)
    }

    private let start: UInt64
    private let rule: Rule

    init(seed: UInt64, key: String, shape: [Int]) {
        // FNV-1a
        start = key.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ Self.mixed(seed)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        rule = Self.rule(key, shape)
    }

    private static func rule(_ key: String, _ shape: [Int]) -> Rule {
        if key.hasSuffix("quantize.embedding.weight"), let width = shape.last, width > 0 {
            return .unitRows(width: width)
        }
        let isTable = ["pos_embed", "temp_pos", "cls_token"].contains { key.hasSuffix($0) }
        if isTable { return .uniform(centre: 0, amplitude: 0.1) }
        guard shape.count >= 2 else {
            // Norms near 1, biases near 0.
            return key.hasSuffix(".weight") ? .uniform(centre: 1, amplitude: 0.1) : .uniform(centre: 0, amplitude: 0.02)
        }
        // A variance of 1/fan-in keeps that of the outputs at that of the inputs.
        let fanIn = max(shape.dropFirst().reduce(1, *), 1)
        return .uniform(centre: 0, amplitude: (3 / Float(fanIn)).squareRoot())
    }

    /// Writes the elements from `first` on.
    /// - Parameter first: a multiple of 4, and of the width of rows of length 1.
    func fill(_ elements: UnsafeMutableBufferPointer<Float>, first: Int) {
        precondition(first.isMultiple(of: 4))
        switch rule {
        case .uniform(let centre, let amplitude): fill(elements, first, centre, amplitude)
        case .unitRows(let width):
            precondition(first.isMultiple(of: width) && elements.count.isMultiple(of: width))
            fill(elements, first, 0, 1)
            for row in stride(from: 0, to: elements.count, by: width) {
                let norm = elements[row..<row + width].reduce(0) { $0 + $1 * $1 }.squareRoot()
                for index in row..<row + width { elements[index] /= norm }
            }
        }
    }

    /// Sixteen bits an element.
    private func fill(_ elements: UnsafeMutableBufferPointer<Float>, _ first: Int, _ centre: Float, _ amplitude: Float)
    {
        let scale = amplitude / 32_768
        var counter = UInt64(first / 4)
        var index = 0
        while index < elements.count {
            let bits = Self.mixed(start &+ counter &* 0x9E37_79B9_7F4A_7C15)
            for lane in 0..<min(4, elements.count - index) {
                let value = Int16(truncatingIfNeeded: bits >> UInt64(16 * lane))
                elements[index + lane] = centre + (Float(value) + 0.5) * scale
            }
            counter &+= 1
            index += 4
        }
    }

    /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
