import Media
import Testing
import Tokenization

@Suite struct KeyFeatureTests {
    private let tokenizer = ScalarTokenizer()

    private func features(_ picture: Picture) throws -> ClipFeatures {
        try tokenizer.keyFeatures(of: tokenizer.encode(Made.clip(picture: picture) { _, _, _ in .zero }))
    }

    private func plain(_ level: UInt8) -> Picture {
        Picture(
            pts: .zero, type: .intra, width: 288, height: 160, matrix: .bt601, isFullRange: true,
            planes: [Picture.Plane(width: 288, height: 160, bytes: [UInt8](repeating: level, count: 288 * 160))])
    }

    private func cosine(_ a: ClipFeatures, _ b: ClipFeatures, row: Int) -> Float {
        let places = row * a.columns..<(row + 1) * a.columns
        func product(_ a: ClipFeatures, _ b: ClipFeatures) -> Float {
            places.reduce(0) { $0 + a.values[$1] * b.values[$1] }
        }
        return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
    }

    @Test func eachBlockIsARowOfItsCoefficients() throws {
        let grey = try features(plain(128 + 46))
        #expect(grey.rows == 180 && grey.columns == 18)
        // Eight times the distance from middle grey, no detail, no colour, the constant.
        let row = [Float](repeating: 0, count: 16)
        for block in 0..<180 {
            #expect(Array(grey.values[block * 18..<block * 18 + 18]) == [8 * 46] + row + [512])
        }
    }

    @Test func brightnessAndDetailMakeBlocksUnlike() throws {
        let (dark, bright) = (try features(plain(40)), try features(plain(200)))
        #expect(cosine(dark, dark, row: 0) > 0.999_999)
        #expect(cosine(dark, bright, row: 0) < 0.5)
        let disc = try features(Made.disc(width: 320, height: 180))
        let unlike = (0..<180).filter { cosine(disc, bright, row: $0) < 0.9 }
        #expect(unlike.count > 20)
    }

    @Test func codesWithoutAPlaceAreCounted() throws {
        struct Coded: ClipTokenizer {
            var description: TokenizerDescription { ScalarTokenizer().description }
            func encode(_ clip: Clip) throws -> ClipTokens { ClipTokens(key: [], motion: []) }
            func decode(_ tokens: ClipTokens) throws -> DecodedClip { DecodedClip(fields: [], thumbnail: nil) }
        }
        let bag = try Coded().keyFeatures(of: ClipTokens(key: [5, 7, 5, 1024 + 5, -1], motion: []))
        #expect(bag.rows == 1 && bag.columns == 1024)
        #expect(bag.values[5] == 3 && bag.values[7] == 1 && bag.values[1023] == 1)
        #expect(bag.values.reduce(0, +) == 5)
    }

    @Test func idsThatAreNoCodeAreRefused() {
        #expect(throws: TokenError.keyCount(3, expected: 630)) {
            try tokenizer.keyFeatures(of: ClipTokens(key: [1, 2, 3], motion: []))
        }
        #expect(throws: TokenError.self) {
            try tokenizer.keyFeatures(of: ClipTokens(key: [Int](repeating: 4095, count: 630), motion: []))
        }
    }
}
