import Media
import Rendering
import Testing

@Suite struct MotionWarpTests {
    private let pattern = Made.pattern(width: 144, height: 80)

    /// The displacement grid has a place a pixel here, so whole pixels move exactly.
    @Test(arguments: [(2, 0), (-3, 0), (0, 1), (1, -1)])
    func aPanMovesThePatternByWholePixels(pan: (x: Int, y: Int)) {
        let velocity = SIMD2(Float(pan.x * 6) / 144, Float(pan.y * 6) / 80)
        let warp = MotionWarp(fields: Made.fields(velocity), key: 0)
        for number in [0, 1, 6, 12] {
            let moved = warp.picture(number, of: pattern)
            for (x, y) in [(60, 40), (70, 35), (80, 45)] {
                let origin = pattern.pixel(x - pan.x * number, y - pan.y * number)
                let difference = zip(moved.pixel(x, y), origin).map { abs($0 - $1) }.max()
                #expect(difference ?? 255 <= 1, "picture \(number) at \(x), \(y)")
            }
        }
    }

    @Test func beforeTheKeyPictureMotionRunsBackwards() {
        let warp = MotionWarp(fields: Made.fields(SIMD2(12 / 144, 0)), key: 10)
        #expect(warp.picture(10, of: pattern) == pattern)
        #expect(warp.picture(4, of: pattern).pixel(60, 40) == pattern.pixel(72, 40))
        #expect(warp.picture(16, of: pattern).pixel(60, 40) == pattern.pixel(48, 40))
    }

    @Test func whatTheThumbnailDoesNotShowIsDarkened() {
        let warp = MotionWarp(fields: Made.fields(SIMD2(12 / 144, 0)), key: 0)
        let moved = warp.picture(12, of: Made.plain(200))
        #expect(moved.pixel(10, 40) == [80, 80, 80])
        #expect(moved.pixel(40, 40) == [200, 200, 200])
    }

    @Test func unknownCellsMoveLikeMostOthers() {
        let fields = Made.fields { _, column in column < 20 ? SIMD2(12 / 144, 0) : nil }
        let moved = MotionWarp(fields: fields, key: 0).picture(6, of: pattern)
        #expect(moved.pixel(120, 40) == pattern.pixel(108, 40))
    }

    @Test func whereNothingMovesThePictureStays() {
        for fields in [Made.fields(.zero), Made.fields(nil)] {
            let warp = MotionWarp(fields: fields, key: 0)
            #expect((0..<Clip.fieldCount).allSatisfy { warp.picture($0, of: pattern) == pattern })
        }
    }

    /// Half of the picture moves: the other half stays in place.
    @Test func onlyWhatMovesIsMoved() {
        let fields = Made.fields { row, _ in row < 10 ? SIMD2(12 / 144, 0) : .zero }
        let moved = MotionWarp(fields: fields, key: 0).picture(6, of: pattern)
        #expect(moved.pixel(80, 15) == pattern.pixel(68, 15))
        #expect(moved.pixel(80, 65) == pattern.pixel(80, 65))
    }
}
