/// Writes syntax elements, to make parameter sets and slice headers by hand.
struct BitWriter {
    private var bits: [Bool] = []

    mutating func write(_ value: Int, bits count: Int) {
        for shift in (0..<count).reversed() { bits.append(value >> shift & 1 == 1) }
    }

    mutating func flag(_ value: Bool) {
        bits.append(value)
    }

    /// ue(v)
    mutating func unsigned(_ value: Int) {
        let length = String(value + 1, radix: 2).count
        write(0, bits: length - 1)
        write(value + 1, bits: length)
    }

    /// se(v)
    mutating func signed(_ value: Int) {
        unsigned(value > 0 ? 2 * value - 1 : -2 * value)
    }

    /// The bytes behind a header, with the stop bit, emulation prevention and a start code.
    func unit(header: [UInt8], escaped: Bool = true) -> [UInt8] {
        var padded = bits + [true]
        while padded.count % 8 != 0 { padded.append(false) }
        let body = stride(from: 0, to: padded.count, by: 8).map { start in
            padded[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        var result: [UInt8] = [0, 0, 0, 1] + header
        var zeros = 0
        for byte in body {
            if escaped, zeros == 2, byte <= 3 {
                result.append(3)
                zeros = 0
            }
            result.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return result
    }
}
