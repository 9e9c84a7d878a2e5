import Media
import Rendering
import Testing

@Suite struct MotionPictureTests {
    private let panel = PictureSize(video: (1280, 720), longSide: 432)

    private func draw(_ fields: [MotionField], title: String = "test 1/0") -> RGBPicture {
        MotionPicture.draw(thumbnail: Made.plain(100), fields: fields, panel: panel, title: title)
    }

    /// The colours that docs/decode.md names, by their order of channels.
    @Test(
        arguments: [
            (SIMD2<Float>(1, 0), [255, 64, 64]), (SIMD2(0, 1), [128, 238, 17]), (SIMD2(-1, 0), [0, 191, 191]),
            (SIMD2(0, -1), [128, 17, 238]),
        ])
    func directionsHaveTheDocumentedColours(direction: SIMD2<Float>, expected: [Int]) {
        let hue = MotionColour.hue(direction)
        #expect(zip([hue.x, hue.y, hue.z], expected).allSatisfy { abs($0 - Float($1)) <= 1 }, "\(hue)")
    }

    @Test func fasterIsStronger() {
        let strengths = [0.005, 0.02, 0.125, 0.5, 2].map { MotionColour.strength(speed: $0) }
        #expect(strengths == strengths.sorted())
        #expect(strengths[0] == 0)
        #expect(strengths[2] == 0.5)
        #expect(strengths[3...] == [1, 1])
    }

    /// A whole picture that moves has the colour of its direction wherever no arrow covers it.
    @Test(arguments: [(SIMD2<Float>(0.5, 0), 0), (SIMD2(-0.25, 0.45), 1), (SIMD2(-0.25, -0.45), 2)])
    func panelsShowTheDirection(velocity: SIMD2<Float>, brightest: Int) {
        let picture = draw(Made.fields(velocity))
        var wins = [0, 0, 0]
        for y in 20..<panel.height {
            for x in 0..<panel.width {
                let pixel = picture.pixel(x, y)
                if let most = pixel.max(), let channel = pixel.firstIndex(of: most) { wins[channel] += 1 }
            }
        }
        #expect(wins[brightest] > panel.width * (panel.height - 20) * 8 / 10, "\(wins)")
    }

    /// An arrow points where the content goes: its head, the wide end, lies there.
    @Test func arrowsPointWhereItMoves() {
        let picture = draw(Made.fields(SIMD2(0.5, 0)))
        // The arrow in the middle of the cells 8…9 × 16…17.
        let (left, right, y) = (Int(16 * 12), Int(18 * 12), Int(9 * panel.height / 20))
        func height(_ x: Int) -> Int {
            let background = picture.pixel(right, y - 8)
            return (y - 10...y + 10).count { picture.pixel(x, $0) != background }
        }
        let middle = (left + right) / 2
        #expect(height(middle + 8) > height(middle - 8), "\(height(middle + 8)) \(height(middle - 8))")
    }

    @Test func aStillPictureHasNoColourAndUnknownMotionIsHatched() {
        let still = draw(Made.fields(.zero))
        #expect(still.pixel(200, 100) == [60, 60, 60])
        let unknown = draw(Made.fields(nil))
        let greys = Set((0..<40).map { unknown.pixel(200 + $0, 100) })
        #expect(greys == [[60, 60, 60], [102, 102, 102]])
    }

    /// The second panel is the second second.
    @Test func panelsFollowTime() {
        var fields = Made.fields(.zero)
        for number in 6..<12 { fields[number] = Made.fields(SIMD2(0.5, 0))[0] }
        let picture = draw(fields)
        #expect(picture.pixel(200, 104) == [60, 60, 60])
        let moving = picture.pixel(panel.width + 216, 118)
        #expect(moving[0] > moving[1] + 40)
        #expect(picture.pixel(200, panel.height + 104) == [60, 60, 60])
    }

    @Test func theLegendShowsTheWheelAndTheTitle() {
        let picture = draw(Made.fields(.zero))
        #expect(picture.width == 2 * panel.width)
        #expect(picture.height == 2 * panel.height + MotionPicture.legendHeight)
        let middle = MotionPicture.legendHeight / 2
        let top = 2 * panel.height
        func wheel(_ x: Int, _ y: Int) -> [Int] { picture.pixel(middle + x, top + middle + y) }
        #expect(wheel(27, 0).firstIndex(of: wheel(27, 0).max() ?? 0) == 0)
        #expect(wheel(-13, 23).firstIndex(of: wheel(-13, 23).max() ?? 0) == 1)
        #expect(wheel(-13, -23).firstIndex(of: wheel(-13, -23).max() ?? 0) == 2)
        #expect(picture != draw(Made.fields(.zero), title: "test 1/1"))
    }

    @Test(arguments: [
        ((1920, 1080), 576, 324), ((640, 480), 576, 432), ((720, 1280), 324, 576), ((5000, 10), 576, 144),
    ])
    func picturesHaveTheProportionsOfTheVideo(video: (width: Int, height: Int), width: Int, height: Int) {
        let size = PictureSize(video: video, longSide: 576)
        #expect(size.width == width)
        #expect(size.height == height)
    }

    /// Enlarging keeps plain areas plain and a ramp a ramp.
    @Test func scalingIsExactOnPlainsAndRamps() {
        let size = PictureSize(video: nil, longSide: 576)
        #expect(Made.plain(77).scaled(to: size) == Made.plain(77, width: 576, height: 324))
        let ramp = RGBPicture(
            width: 144, height: 80, rgb: (0..<3 * 144 * 80).map { UInt8($0 / 3 % 144) })
        let large = ramp.scaled(to: size)
        #expect([40, 80, 400].allSatisfy { abs(large.pixel($0, 100)[0] - $0 / 4) <= 1 })
    }
}
