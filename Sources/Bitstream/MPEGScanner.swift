internal import Media

/// MPEG-1 and MPEG-2 video (ITU-T H.262 §6.2) and MPEG-4 Part 2 (ISO/IEC 14496-2 §6.2).
struct MPEGScanner: Sendable {
    enum Syntax: Sendable {
        case mpeg2, mpeg4
    }

    let syntax: Syntax
    private var sets = ParameterSets()

    init(syntax: Syntax) {
        self.syntax = syntax
    }

    mutating func scan(_ bytes: [UInt8]) -> PictureTraits {
        var traits = PictureTraits()
        var codes = StartCodes(bytes)
        while let code = codes.nextByte {
            if code == (syntax == .mpeg2 ? 0x00 : 0xB6) {
                readPicture(codes.rest, into: &traits)
                return traits
            }
            if let unit = codes.next(), let id = setNumber(unit), sets.store(unit, id: id) {
                traits.changesParameters = true
            }
        }
        return traits
    }

    private func readPicture(_ unit: ArraySlice<UInt8>, into traits: inout PictureTraits) {
        var reader = BitReader(unit.dropFirst().prefix(4))
        let types: [PictureType]
        switch syntax {
        case .mpeg2:
            reader.skip(10)
            types = [.unknown, .intra, .predicted, .bidirectional, .intra, .unknown, .unknown, .unknown]
            traits.type = types[reader.bits(3)]
        case .mpeg4:
            types = [.intra, .predicted, .bidirectional, .predicted]
            traits.type = types[reader.bits(2)]
        }
        guard !reader.isExhausted else { return traits.type = .unknown }
        traits.isKey = traits.type == .intra && !sets.isEmpty
        traits.isReference = traits.type != .bidirectional
        traits.activeReferences = traits.type == .intra || traits.type == .unknown ? 0 : 1
    }

    /// Which parameter set a unit is; nil for all other units.
    private func setNumber(_ unit: ArraySlice<UInt8>) -> Int? {
        guard let code = unit.first else { return nil }
        switch syntax {
        case .mpeg2:
            if code == 0xB3 { return 0 }
            let isSequenceExtension = code == 0xB5 && unit.dropFirst().first.map { $0 >> 4 == 1 } ?? false
            return isSequenceExtension ? 1 : nil
        case .mpeg4:
            return (0x20...0x2F).contains(code) ? Int(code) : nil
        }
    }
}
