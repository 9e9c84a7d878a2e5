internal import Media

/// H.264 byte streams (ITU-T H.264 §7.3).
struct H264Scanner: Sendable {
    private var sequences: [Int: H264Sequence] = [:]
    private var pictures: [Int: H264PictureSet] = [:]
    private var sets = ParameterSets()
    private var activeSequence: Int?

    mutating func scan(_ bytes: [UInt8]) -> PictureTraits {
        var traits = PictureTraits()
        var recovery: Int?
        var codes = StartCodes(bytes)
        while let header = codes.nextByte {
            switch header & 31 {
            case 1, 2, 5:
                readSlice(codes.rest, recovery: recovery, into: &traits)
                return traits
            case 6: if let unit = codes.next(), let count = Self.recoveryCount(unit) { recovery = count }
            case 7: if let unit = codes.next(), storeSequence(unit) { traits.changesParameters = true }
            case 8: if let unit = codes.next(), storePictureSet(unit) { traits.changesParameters = true }
            default: _ = codes.next()
            }
        }
        return traits
    }

    private mutating func readSlice(_ unit: ArraySlice<UInt8>, recovery: Int?, into traits: inout PictureTraits) {
        guard let header = unit.first else { return }
        let isIDR = header & 31 == 5
        traits.isReference = header >> 5 & 3 != 0
        // Without parameter sets nothing can be decoded yet.
        traits.isKey = (isIDR || recovery != nil) && !pictures.isEmpty && !sequences.isEmpty
        traits.recoveryCount = isIDR || !traits.isKey ? 0 : recovery ?? 0
        var reader = BitReader(unit.dropFirst().prefix(64), escaped: true)
        _ = reader.unsigned()
        let type = reader.unsigned() % 5
        let picture = pictures[reader.unsigned()]
        guard !reader.isExhausted else { return }
        traits.type = [.predicted, .bidirectional, .intra, .predicted, .intra][type]
        guard let picture, let sequence = sequences[picture.sequence] else { return }
        if let activeSequence, activeSequence != picture.sequence { traits.changesParameters = true }
        activeSequence = picture.sequence
        guard traits.type != .intra else { return }
        let references = sequence.readReferences(
            &reader, picture: picture, isIDR: isIDR, isB: traits.type == .bidirectional)
        if !reader.isExhausted { traits.activeReferences = references }
    }

    /// - Returns: whether it replaces a different one.
    private mutating func storeSequence(_ unit: ArraySlice<UInt8>) -> Bool {
        guard let sequence = H264Sequence(unit) else { return false }
        sequences[sequence.id] = sequence
        return sets.store(unit, id: sequence.id)
    }

    private mutating func storePictureSet(_ unit: ArraySlice<UInt8>) -> Bool {
        guard let picture = H264PictureSet(unit) else { return false }
        pictures[picture.id] = picture
        return sets.store(unit, id: 32 + picture.id)
    }

    /// recovery_frame_cnt of a recovery point SEI message (ITU-T H.264 §D.1.8); nil where the unit has none.
    private static func recoveryCount(_ unit: ArraySlice<UInt8>) -> Int? {
        var reader = BitReader(unit.dropFirst(), escaped: true)
        while !reader.isExhausted {
            let type = sumOfBytes(&reader), size = sumOfBytes(&reader)
            guard !reader.isExhausted else { return nil }
            if type == 6 {
                let count = reader.unsigned()
                return reader.isExhausted ? nil : count
            }
            reader.skip(size * 8)
        }
        return nil
    }

    private static func sumOfBytes(_ reader: inout BitReader) -> Int {
        var sum = 0
        while !reader.isExhausted {
            let byte = reader.bits(8)
            sum += byte
            if byte != 255 { break }
        }
        return sum
    }
}
