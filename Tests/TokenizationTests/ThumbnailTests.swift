import Media
import Testing
import Tokenization

@Suite struct ThumbnailTests {
    let tokenizer = ScalarTokenizer()

    private func decoded(_ picture: Picture) throws -> RGBPicture {
        try #require(tokenizer.decode(tokenizer.encode(Made.clip(picture: picture) { _, _, _ in .zero })).thumbnail)
    }

    private func meanSquareError(_ a: RGBPicture, _ b: RGBPicture) -> Double {
        let squares = zip(a.rgb, b.rgb).reduce(0) { $0 + (Int($1.0) - Int($1.1)) * (Int($1.0) - Int($1.1)) }
        return Double(squares) / Double(a.rgb.count)
    }

    @Test(arguments: [(1920, 1080), (640, 360), (144, 80), (17, 11), (1, 1)])
    func decodedLooksLikeTheThumbnail(width: Int, height: Int) throws {
        let picture = Made.disc(width: width, height: height)
        let decoded = try decoded(picture)
        #expect(decoded.width == 144 && decoded.height == 80 && decoded.rgb.count == 144 * 80 * 3)
        let error = meanSquareError(decoded, try ScalarTokenizer.thumbnail(of: picture))
        // A PSNR of 27 dB.
        #expect(error < 130, "mean square error \(error)")
    }

    @Test func averagesAreExact() throws {
        // Each thumbnail pixel covers 2 × 3 samples; the third row of each is 3 higher than the others: 101 on average.
        let samples = (0..<240).flatMap { [UInt8](repeating: $0 % 3 == 2 ? 103 : 100, count: 288) }
        let picture = Picture(
            pts: .zero, type: .intra, width: 288, height: 240, matrix: .bt601, isFullRange: true,
            planes: [Picture.Plane(width: 288, height: 240, bytes: samples)])
        #expect(try ScalarTokenizer.thumbnail(of: picture).rgb.allSatisfy { $0 == 101 })
    }

    /// Y′CbCr of pure red, worked out from the definitions in ITU-R BT.601, BT.709 and BT.2020.
    struct Red: CustomTestStringConvertible {
        var testDescription: String
        var picture: Picture

        init(_ description: String, _ picture: Picture) {
            testDescription = description
            self.picture = picture
        }

        static let all = [
            Red("601, full", Made.solid([76, 85, 255])),
            Red("601", Made.solid([81, 90, 240], isFullRange: false)),
            Red("709", Made.solid([63, 102, 240], matrix: .bt709, isFullRange: false)),
            Red("709, 10 bits", Made.solid([250, 409, 960], bitDepth: 10, matrix: .bt709, isFullRange: false)),
            Red("2020, 12 bits", Made.solid([1177, 1548, 3840], bitDepth: 12, matrix: .bt2020, isFullRange: false)),
        ]
    }

    @Test(arguments: Red.all)
    func redStaysRed(red: Red) throws {
        let exact = try ScalarTokenizer.thumbnail(of: red.picture).rgb
        #expect(exact[0] >= 252 && exact[1] <= 3 && exact[2] <= 3, "\(exact[..<3])")
        let coded = try decoded(red.picture).rgb
        #expect(coded[0] >= 240 && coded[1] <= 20 && coded[2] <= 20, "\(coded[..<3])")
    }

    @Test func greyStaysGrey() throws {
        let rgb = try decoded(Made.solid([700], width: 33, height: 21, bitDepth: 10)).rgb
        #expect(rgb.allSatisfy { abs(Int($0) - 174) <= 4 })
        #expect(rgb[0] == rgb[1] && rgb[1] == rgb[2])
    }

    @Test func picturesOfAnotherFormAreRefused() {
        var picture = Made.disc(width: 32, height: 18)
        picture.planes.removeLast()
        #expect(throws: ClipError.planeCount(2)) { try decoded(picture) }
        picture = Made.disc(width: 32, height: 18)
        picture.planes[0].bytes.removeLast()
        #expect(throws: ClipError.planeSize(plane: 0, width: 32, height: 18, bytes: 575)) { try decoded(picture) }
        picture = Made.disc(width: 32, height: 18)
        picture.bitDepth = 10
        #expect(throws: ClipError.planeSize(plane: 0, width: 32, height: 18, bytes: 576)) { try decoded(picture) }
        picture.bitDepth = 24
        #expect(throws: ClipError.bitDepth(24)) { try decoded(picture) }
    }
}
