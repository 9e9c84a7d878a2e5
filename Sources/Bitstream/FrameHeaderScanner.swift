internal import Media

/// Codecs whose units carry no start codes. Beyond the key flag nothing is read: every picture counts as a reference.
struct FrameHeaderScanner: Sendable {
    let codec: VideoCodec

    func scan(_ bytes: [UInt8]) -> PictureTraits {
        let isKey =
            switch codec {
            case .vp8: bytes.first.map { $0 & 1 == 0 } ?? false
            case .vp9: Self.isVP9Key(bytes)
            case .av1: Self.isAV1Key(bytes)
            default: !bytes.isEmpty
            }
        return PictureTraits(isKey: isKey, type: isKey ? .intra : .unknown)
    }

    /// VP9 bitstream specification §6.2.
    private static func isVP9Key(_ bytes: [UInt8]) -> Bool {
        var reader = BitReader(bytes.prefix(2))
        guard reader.bits(2) == 2 else { return false }
        let low = reader.bits(1), high = reader.bits(1)
        if low + 2 * high == 3 { reader.skip(1) }
        let showsExisting = reader.bit()
        let isInter = reader.bit()
        return !showsExisting && !isInter && !reader.isExhausted
    }

    /// AV1 bitstream specification §5.3, §5.9.2: the first frame header of the temporal unit.
    private static func isAV1Key(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while let header = rest.first {
            let type = header >> 3 & 15
            rest = rest.dropFirst(header & 4 != 0 ? 2 : 1)
            // Only the last unit may leave its size out.
            let size = header & 2 != 0 ? readSize(&rest) : rest.count
            if type == 3 || type == 6 {
                var reader = BitReader(rest.prefix(1))
                let showsExisting = reader.bit()
                return !showsExisting && reader.bits(2) == 0 && !reader.isExhausted
            }
            rest = rest.dropFirst(size)
        }
        return false
    }

    /// leb128().
    private static func readSize(_ bytes: inout ArraySlice<UInt8>) -> Int {
        var size = 0
        for shift in stride(from: 0, to: 56, by: 7) {
            guard let byte = bytes.popFirst() else { return 0 }
            size |= Int(byte & 127) << shift
            if byte < 128 { break }
        }
        return size
    }
}
