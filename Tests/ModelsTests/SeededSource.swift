import Tensors

/// The made-up parameters of the specification's parity configurations (specs/video-lavit.md, 10.1): each element follows from its key and place.
struct SeededSource: ParameterSource {
    var precision = ElementType.float32

    func read(_ key: String, shape: [Int], _ body: (ParameterElements) -> Void) {
        let count = shape.reduce(1, *)
        let hash = Seeded.hash(key)
        let values = (0..<count).map { Float(Self.weight(key, shape, Seeded.uniform(hash, $0))) }
        switch precision {
        case .float32:
            values.withUnsafeBytes { body(ParameterElements(type: .float32, bytes: $0)) }
        case .bfloat16:
            values.map { UInt16($0.bitPattern >> 16) }.withUnsafeBytes {
                body(ParameterElements(type: .bfloat16, bytes: $0))
            }
        case .float16:
            values.map { Float16($0).bitPattern }.withUnsafeBytes {
                body(ParameterElements(type: .float16, bytes: $0))
            }
        }
    }

    func skip(_ key: String, shape: [Int]) {}

    private static let tables = ["pos_embed", "temp_pos", "cls_token", "query_embed", "positional_embedding"]

    private static func weight(_ key: String, _ shape: [Int], _ u: Double) -> Double {
        if key.hasSuffix("embedding.weight") || tables.contains(where: key.hasSuffix) { return u / 2 }
        if shape.count >= 2 { return u / Double(shape.dropFirst().reduce(1, *)).squareRoot() }
        return key.hasSuffix("weight") ? 1 + 0.1 * u : 0.1 * u
    }
}

/// Numbers that follow from a name and an index.
enum Seeded {
    /// FNV-1a, 32 bits.
    static func hash(_ key: String) -> UInt32 {
        key.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    /// −1 ..< 1
    static func uniform(_ hash: UInt32, _ index: Int) -> Double {
        var hash = hash &+ UInt32(truncatingIfNeeded: index) &* 2_654_435_761
        hash ^= hash >> 16
        hash &*= 2_246_822_519
        hash ^= hash >> 13
        hash &*= 3_266_489_917
        hash ^= hash >> 16
        return 2 * Double(hash) / 4_294_967_296 - 1
    }

    static func values(_ key: String, _ count: Int, times factor: Double = 1) -> [Float] {
        let hash = hash(key)
        return (0..<count).map { Float(Float(uniform(hash, $0)) * Float(factor)) }
    }
}
