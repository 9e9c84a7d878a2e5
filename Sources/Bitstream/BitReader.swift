/// Reads bits from coded bytes, most significant first, and never beyond their end: what is missing reads as 0 and sets
/// `isExhausted`.
struct BitReader {
    private let bytes: ArraySlice<UInt8>
    private let skipsEmulationPrevention: Bool
    private var index: Int
    private var bitsLeft = 0
    private var current: UInt8 = 0
    private var zeros = 0
    private(set) var isExhausted = false

    /// - Parameter escaped: the bytes are an H.264 or H.265 NAL unit: the 3 in 00 00 03 is not data (ITU-T H.264 §7.4.1).
    init(_ bytes: ArraySlice<UInt8>, escaped: Bool = false) {
        self.bytes = bytes
        skipsEmulationPrevention = escaped
        index = bytes.startIndex
    }

    mutating func bit() -> Bool {
        if bitsLeft == 0 { loadByte() }
        guard bitsLeft > 0 else { return false }
        bitsLeft -= 1
        return current >> bitsLeft & 1 == 1
    }

    /// The next `count` bits, at most 32.
    mutating func bits(_ count: Int) -> Int {
        var value = 0
        for _ in 0..<min(max(count, 0), 32) { value = value << 1 | (bit() ? 1 : 0) }
        return value
    }

    mutating func skip(_ count: Int) {
        var left = count
        while left > 0, !isExhausted {
            _ = bit()
            left -= 1
        }
    }

    /// ue(v): an unsigned Exp-Golomb number.
    mutating func unsigned() -> Int {
        var zeros = 0
        while !bit() {
            zeros += 1
            guard zeros <= 32, !isExhausted else { return 0 }
        }
        return (1 << zeros) - 1 + bits(zeros)
    }

    /// se(v): a signed Exp-Golomb number.
    mutating func signed() -> Int {
        let code = unsigned()
        return code & 1 == 1 ? (code + 1) / 2 : -(code / 2)
    }

    private mutating func loadByte() {
        guard index < bytes.endIndex else { return isExhausted = true }
        if skipsEmulationPrevention, zeros >= 2, bytes[index] == 3 {
            zeros = 0
            index += 1
            return loadByte()
        }
        current = bytes[index]
        zeros = current == 0 ? zeros + 1 : 0
        index += 1
        bitsLeft = 8
    }
}
