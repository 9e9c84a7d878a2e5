/// The deterministic numbers of the specification's parity kit (specs/ma-lmm.md §11).
enum Fill {
    /// FNV-1a, 64 bits, of the name, then splitmix64: −1 ..< 1.
    static func uniform(_ name: String, _ index: Int) -> Double {
        let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var z = hash &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        return 2 * Double(z >> 11) * 0x1p-53 - 1
    }

    static func values(_ name: String, _ count: Int, times factor: Double = 1) -> [Float] {
        (0..<count).map { Float(factor * uniform(name, $0)) }
    }
}
