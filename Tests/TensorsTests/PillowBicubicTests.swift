import Tensors
import Testing

@Suite struct PillowBicubicTests {
    struct Case: Sendable {
        var from: (width: Int, height: Int)
        var to: (width: Int, height: Int)
        var first: [UInt8]
        var sum: Int
        /// RFC 1950's checksum of all bytes.
        var adler: UInt32
    }

    /// Printed by Tests/Goldens/Tools/resize_pictures.py with Pillow 13.
    static let cases: [Case] = [
        Case(from: (17, 9), to: (5, 7), first: [22, 78, 132, 145, 136, 138], sum: 13670, adler: 4035786087),
        Case(from: (6, 5), to: (13, 11), first: [0, 46, 96, 0, 48, 98], sum: 53435, adler: 3021721788),
        Case(from: (40, 30), to: (40, 12), first: [23, 73, 123, 33, 83, 136], sum: 184034, adler: 586927873),
        Case(from: (31, 7), to: (8, 21), first: [23, 78, 126, 157, 152, 113], sum: 65229, adler: 452460238),
        Case(from: (1, 1), to: (3, 2), first: [0, 50, 100, 0, 50, 100], sum: 900, adler: 522191749),
        Case(from: (97, 61), to: (224, 224), first: [0, 46, 96, 0, 48, 98], sum: 19221630, adler: 2923060650),
        Case(from: (500, 333), to: (224, 224), first: [13, 63, 112, 71, 125, 177], sum: 19267076, adler: 2555711295),
        Case(from: (768, 432), to: (224, 224), first: [37, 92, 145, 138, 135, 146], sum: 19274401, adler: 3171691484),
    ]

    @Test("made pictures of any size come out as Pillow's do, byte for byte", arguments: cases)
    func pillow(expected: Case) {
        let (width, height) = expected.from
        var rgb: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 { rgb.append(UInt8((x * x * 7 + y * 29 + channel * 50 + x * y * 3) % 256)) }
            }
        }
        let (newWidth, newHeight) = expected.to
        let resized = PillowBicubic.resize(
            rgb, width: width, height: height, toWidth: newWidth, height: newHeight)
        #expect(resized.count == 3 * newWidth * newHeight)
        #expect(Array(resized.prefix(6)) == expected.first)
        #expect(resized.reduce(0) { $0 + Int($1) } == expected.sum)
        #expect(adler(resized) == expected.adler)
    }

    @Test("pixel values are channel planes about the model's means")
    func normalisation() {
        let values = PictureNormalization.clip.planes(of: [0, 255, 128, 255, 0, 128])
        // (v/255 - mean) / deviation, by hand.
        let expected: [Float] = [-1.7922626, 1.9303361, 2.0748837, -1.7520971, 0.3399486, 0.3399486]
        #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    private func adler(_ bytes: [UInt8]) -> UInt32 {
        var (a, b) = (UInt32(1), UInt32(0))
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return b << 16 | a
    }
}
