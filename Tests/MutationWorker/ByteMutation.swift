/// Damage as disks, networks and wrong tools make it.
enum ByteMutation {
    /// One to four kinds of damage. `others`: what parts are taken from when files are spliced.
    static func mutate(_ bytes: [UInt8], others: [[UInt8]], _ random: inout RandomNumbers) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<random.number(1..<5) { bytes = once(bytes, others: others, &random) }
        return bytes
    }

    private static func once(_ bytes: [UInt8], others: [[UInt8]], _ random: inout RandomNumbers) -> [UInt8] {
        var bytes = bytes
        guard bytes.count > 8 else { return bytes + noise(random.number(1..<64), &random) }
        let place = place(in: bytes, &random)
        let block =
            place..<min(bytes.count, place + (random.chance(70) ? random.number(1..<64) : random.number(1..<4096)))
        switch random.number(0..<12) {
        case 0, 1:
            for _ in 0..<random.number(1..<16) {
                bytes[Self.place(in: bytes, &random)] ^= 1 << UInt8(random.number(0..<8))
            }
        case 2: for index in block { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
        case 3: for index in block { bytes[index] = 0 }
        case 4: for index in block { bytes[index] = 0xFF }
        case 5: bytes.removeSubrange(block)
        case 6: bytes.insert(contentsOf: bytes[block], at: block.upperBound)
        case 7: bytes.insert(contentsOf: noise(block.count, &random), at: place)
        case 8: bytes.removeLast(random.chance(50) ? bytes.count - place : random.number(1..<min(bytes.count, 64)))
        case 9:
            let other = random.pick(others)
            bytes = Array(bytes[..<place] + other[random.number(0..<max(other.count, 1))...])
        default: editSize(&bytes, &random)
        }
        return bytes
    }

    /// Half of the time in the first or the last bytes, where containers keep their headers.
    private static func place(in bytes: [UInt8], _ random: inout RandomNumbers) -> Int {
        switch random.number(0..<4) {
        case 0: random.number(0..<min(bytes.count, 1_024))
        case 1: random.number(max(0, bytes.count - 1_536)..<bytes.count)
        default: random.number(0..<bytes.count)
        }
    }

    /// A number of 32 bits where a box has its size, or a table a count: before or behind four letters.
    private static func editSize(_ bytes: inout [UInt8], _ random: inout RandomNumbers) {
        let start = place(in: bytes, &random)
        let isLetter: (UInt8) -> Bool = { 0x61...0x7A ~= $0 || 0x41...0x5A ~= $0 || 0x30...0x39 ~= $0 }
        var name = start
        while name + 4 <= bytes.count, !bytes[name..<name + 4].allSatisfy(isLetter) { name += 1 }
        let field = name + 4 > bytes.count ? start : name + random.pick([-4, 4, 8, 12, 16])
        guard field >= 0, field + 4 <= bytes.count else { return }
        let old = bytes[field..<field + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let new = random.pick([
            0, 1, 2, 7, 8, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, old &+ 1, old &- 1, old &* 2, old / 2, old ^ 0x100,
            UInt32(truncatingIfNeeded: random.next()),
        ])
        for index in 0..<4 { bytes[field + index] = UInt8(truncatingIfNeeded: new >> UInt32(24 - 8 * index)) }
    }

    private static func noise(_ count: Int, _ random: inout RandomNumbers) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
}
