import Bitstream
import Media
import MediaTesting
import Testing

@Suite struct PictureScannerTests {
    // MARK: H.264

    private func sequence(id: Int = 0, width: Int = 40) -> [UInt8] {
        var writer = BitWriter()
        writer.write(66, bits: 8)
        writer.write(30, bits: 16)
        writer.unsigned(id)
        writer.unsigned(4)
        writer.unsigned(0)
        writer.unsigned(2)
        writer.unsigned(3)
        writer.flag(false)
        writer.unsigned(width - 1)
        writer.unsigned(21)
        writer.flag(true)
        writer.write(0b1000, bits: 4)
        return writer.unit(header: [0x67])
    }

    private func pictureSet(id: Int = 0, sequence: Int = 0, references: Int = 1) -> [UInt8] {
        var writer = BitWriter()
        writer.unsigned(id)
        writer.unsigned(sequence)
        writer.write(0, bits: 2)
        writer.unsigned(0)
        writer.unsigned(references - 1)
        writer.unsigned(0)
        writer.write(0, bits: 3)
        writer.signed(0)
        writer.signed(0)
        writer.signed(0)
        writer.write(0, bits: 3)
        return writer.unit(header: [0x68])
    }

    private func slice(
        type: Int, isIDR: Bool = false, isReference: Bool = true, references: Int? = nil, set: Int = 0
    ) -> [UInt8] {
        var writer = BitWriter()
        writer.unsigned(0)
        writer.unsigned(type)
        writer.unsigned(set)
        writer.write(0, bits: 8)
        if isIDR { writer.unsigned(0) }
        writer.write(0, bits: 6)
        if type % 5 == 1 { writer.flag(true) }
        if type % 5 != 2 {
            writer.flag(references != nil)
            if let references { writer.unsigned(references - 1) }
        }
        writer.write(0x5555, bits: 16)
        return writer.unit(header: [(isReference ? 0x60 : 0) | (isIDR ? 5 : 1)])
    }

    private func recoveryPoint(_ count: Int) -> [UInt8] {
        var payload = BitWriter()
        // A message of another type comes first.
        payload.write(5, bits: 8)
        payload.write(2, bits: 8)
        payload.write(0xAAAA, bits: 16)
        payload.write(6, bits: 8)
        payload.write(1, bits: 8)
        payload.unsigned(count)
        payload.write(0b100, bits: 3)
        return payload.unit(header: [6])
    }

    @Test("an H.264 stream: key pictures, types, references and parameter sets")
    func h264() {
        var scanner = PictureScanner(codec: .h264)
        #expect(!scanner.scan(slice(type: 7, isIDR: true)).isKey, "nothing to decode it with")
        let first = scanner.scan(sequence() + pictureSet() + slice(type: 7, isIDR: true))
        #expect(first == PictureTraits(isKey: true, type: .intra))
        let predicted = scanner.scan(slice(type: 5))
        #expect(predicted == PictureTraits(type: .predicted, activeReferences: 1))
        #expect(scanner.scan(slice(type: 0, references: 3)).activeReferences == 3)
        let b = scanner.scan(slice(type: 6, isReference: false, references: 2))
        #expect(b == PictureTraits(isReference: false, type: .bidirectional, activeReferences: 2))
        #expect(!scanner.scan(sequence() + pictureSet() + slice(type: 7, isIDR: true)).changesParameters)
        #expect(scanner.scan(sequence(width: 80) + pictureSet() + slice(type: 7, isIDR: true)).changesParameters)
        #expect(scanner.scan(pictureSet(references: 4) + slice(type: 5)).changesParameters)
        #expect(scanner.scan(slice(type: 5)) == PictureTraits(type: .predicted, activeReferences: 4))
        #expect(!scanner.scan(pictureSet(id: 1, references: 2) + slice(type: 5, set: 1)).changesParameters)
        let other = scanner.scan(sequence(id: 1) + pictureSet(id: 2, sequence: 1) + slice(type: 7, isIDR: true, set: 2))
        #expect(other.changesParameters)
    }

    @Test("a recovery point makes a key picture", arguments: [0, 1, 14, 300])
    func recovery(count: Int) {
        var scanner = PictureScanner(codec: .h264)
        let traits = scanner.scan(sequence() + pictureSet() + recoveryPoint(count) + slice(type: 5))
        #expect(traits.isKey && traits.recoveryCount == count && traits.type == .predicted)
        #expect(scanner.scan(recoveryPoint(count) + slice(type: 7, isIDR: true)).recoveryCount == 0)
    }

    // MARK: Other codecs

    @Test("MPEG-4 Part 2: coding types of video object planes, and the layer in force")
    func mpeg4() {
        func plane(_ type: UInt8) -> [UInt8] { [0, 0, 1, 0xB6, type << 6 | 0x15, 0x55] }
        let layer: [UInt8] = [0, 0, 1, 0, 0, 0, 1, 0x20, 1, 2, 3]
        var scanner = PictureScanner(codec: .mpeg4)
        #expect(!scanner.scan(plane(0)).isKey)
        #expect(scanner.scan(layer + plane(0)) == PictureTraits(isKey: true, type: .intra))
        #expect(scanner.scan(plane(1)) == PictureTraits(type: .predicted, activeReferences: 1))
        #expect(
            scanner.scan(plane(2)) == PictureTraits(isReference: false, type: .bidirectional, activeReferences: 1))
        #expect(!scanner.scan(layer + plane(0)).changesParameters)
        #expect(scanner.scan(layer + [9] + plane(0)).changesParameters)
    }

    @Test("MPEG-2: picture coding types and sequence headers")
    func mpeg2() {
        func picture(_ type: UInt8) -> [UInt8] { [0, 0, 1, 0, 0, type << 3, 0xFF] }
        let header: [UInt8] = [0, 0, 1, 0xB3, 0x16, 1, 0x20]
        var scanner = PictureScanner(codec: .mpeg2)
        #expect(scanner.scan(header + picture(1)) == PictureTraits(isKey: true, type: .intra))
        #expect(scanner.scan(picture(2)).type == .predicted)
        #expect(!scanner.scan(picture(3)).isReference)
        #expect(scanner.scan(header + [7] + picture(1)).changesParameters)
    }

    @Test("H.265: random access points and sub-layer references")
    func h265() {
        func unit(_ type: UInt8) -> [UInt8] { [0, 0, 1, type << 1, 1, 0x80, 0x40] }
        var scanner = PictureScanner(codec: .h265)
        let key = scanner.scan(unit(32) + unit(33) + unit(34) + unit(19))
        #expect(key == PictureTraits(isKey: true, type: .intra))
        #expect(scanner.scan(unit(1)) == PictureTraits(type: .unknown))
        #expect(!scanner.scan(unit(0)).isReference)
    }

    @Test(
        "codecs without start codes tell key pictures only",
        arguments: [
            (VideoCodec.vp8, [0x10], true), (.vp8, [0x11], false), (.vp9, [0x80, 0], true), (.vp9, [0x84, 0], false),
            (.av1, [0x12, 0, 0x32, 1, 0x10], true), (.av1, [0x12, 0, 0x32, 1, 0x30], false), (.mjpeg, [0xFF], true),
        ] as [(VideoCodec, [UInt8], Bool)])
    func frameHeaders(codec: VideoCodec, bytes: [UInt8], isKey: Bool) {
        var scanner = PictureScanner(codec: codec)
        let traits = scanner.scan(bytes)
        #expect(traits.isKey == isKey && traits.isReference && !traits.changesParameters)
    }

    @Test("any bytes are taken", arguments: VideoCodec.allCases)
    func garbage(codec: VideoCodec) {
        var random = Generator(state: 17)
        var scanner = PictureScanner(codec: codec)
        let seeds = [sequence(), pictureSet(), slice(type: 5, references: 3), recoveryPoint(300)]
        for round in 0..<4_000 {
            var bytes = seeds[round % 4] + seeds[(round / 4) % 4]
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                if let place = bytes.indices.randomElement(using: &random) {
                    bytes[place] = .random(in: 0...255, using: &random)
                }
            }
            if round % 5 == 0 {
                let highest: UInt8 = round % 2 == 0 ? 3 : 255
                bytes = (0..<round % 90).map { _ in UInt8.random(in: 0...highest, using: &random) }
            }
            bytes.removeLast(min(bytes.count, Int.random(in: 0...12, using: &random)))
            let traits = scanner.scan(bytes)
            #expect((0...32).contains(traits.activeReferences) && traits.recoveryCount >= 0)
        }
        _ = scanner.scan([])
    }
}
