internal import Media

/// H.265 byte streams (ITU-T H.265 §7.4.2.2): what NAL unit types tell. Slice headers are not read.
struct H265Scanner: Sendable {
    private var sets = ParameterSets()

    mutating func scan(_ bytes: [UInt8]) -> PictureTraits {
        var traits = PictureTraits()
        var codes = StartCodes(bytes)
        while let header = codes.nextByte {
            let type = Int(header >> 1 & 63)
            if type < 32 {
                traits.isKey = (16...23).contains(type) && !sets.isEmpty
                traits.isReference = type > 14 || type & 1 == 1
                if (16...23).contains(type) { traits.type = .intra }
                return traits
            }
            guard let unit = codes.next(), (32...34).contains(type) else { continue }
            if sets.store(unit, id: type << 8 | Self.number(unit, type: type)) { traits.changesParameters = true }
        }
        return traits
    }

    /// The number of a parameter set. That of a sequence set lies behind its profile; one of them at a time is the rule.
    private static func number(_ unit: ArraySlice<UInt8>, type: Int) -> Int {
        var reader = BitReader(unit.dropFirst(2), escaped: true)
        switch type {
        case 32: return reader.bits(4)
        case 34: return reader.unsigned() & 63
        default: return 0
        }
    }
}
