import Clips
import Media
import Testing

@Suite struct StaticClipsTests {
    private static let width = 320
    private static let height = 180
    private static let tokens = ClipTokens(key: [1, 2], motion: [3])

    /// A textured room, with noise of so many levels.
    private func picture(
        noise level: Double = 2, seed: String, _ change: (Int, Int) -> Int = { _, _ in 0 }
    ) -> RGBPicture {
        var noise = Noise(key: seed)
        var rgb: [UInt8] = []
        for y in 0..<Self.height {
            for x in 0..<Self.width {
                let grey = 60 + (x * 7 + y * 13) % 90 + change(x, y)
                for _ in 0..<3 { rgb.append(UInt8(min(max(Double(grey) + level * 2 * noise.next(), 0), 255))) }
            }
        }
        return RGBPicture(width: Self.width, height: Self.height, rgb: rgb)
    }

    private func clip(_ index: Int, session: Int = 1, _ key: RGBPicture, motion: [Float]? = nil) -> Clip {
        let motion = motion ?? Array(repeating: 0, count: 2 * 24 * 720)
        let format = VideoFormat(codec: .h264, width: Self.width, height: Self.height)
        let still = Picture(
            pts: .zero, type: .intra, width: 1, height: 1, matrix: .bt601, isFullRange: false, planes: [])
        return Clip(
            session: session, index: index, start: .zero, end: Clip.duration, isComplete: true, cut: .time, frames: 24,
            startsOnKey: true, hasBFrames: false, video: format,
            key: KeyPicture(picture: still, kind: .intra, isFiltered: true), fields: [],
            motion: MotionSummary(
                source: .reencode, coverage: 1, isReferenceAmbiguous: false, framesPerSecond: 6),
            capture: nil, quality: ClipQuality(), videoLaVIT: VideoLaVITInput(key: key, motion: motion))
    }

    private func reused(_ second: Clip, after first: Clip) -> Int? {
        var clips = StaticClips()
        clips.note(Self.tokens, of: first)
        return clips.tokens(for: second)?.reusedFrom
    }

    @Test("a room in which only the sensor's noise has changed keeps its tokens, and says whose they are")
    func noise() {
        var clips = StaticClips()
        #expect(clips.tokens(for: clip(4, picture(seed: "a"))) == nil)
        clips.note(Self.tokens, of: clip(4, picture(seed: "a")))
        let tokens = clips.tokens(for: clip(5, picture(seed: "b")))
        #expect(tokens?.key == [1, 2] && tokens?.motion == [3] && tokens?.reusedFrom == 4)
        // The clip after the next is compared with the one that was tokenized.
        #expect(clips.tokens(for: clip(6, picture(seed: "c")))?.reusedFrom == 4)
    }

    @Test("a figure of 8 × 16 pixels that is there now is not overlooked, wherever it stands", arguments: 0..<16)
    func figure(place: Int) {
        let (left, top) = (100 + place % 8, 60 + place / 2)
        let figure = picture(seed: "b") { x, y in
            (left..<left + 8).contains(x) && (top..<top + 16).contains(y) ? 30 : 0
        }
        #expect(reused(clip(5, figure), after: clip(4, picture(seed: "a"))) == nil)
    }

    @Test("light that fades by a level a clip is noticed in the end, for nothing adds up")
    func fading() {
        var clips = StaticClips()
        clips.note(Self.tokens, of: clip(0, picture(seed: "0")))
        let reused = (1..<20).map { index in
            clips.tokens(for: clip(index, picture(seed: "\(index)") { _, _ in index })) != nil
        }
        #expect(reused.prefix(5).allSatisfy { $0 } && reused.suffix(12).allSatisfy { !$0 })
    }

    @Test("motion of a cell or two for four pictures is noticed, in either clip; single vectors are noise")
    func motion() {
        func motion(cells: Int, pictures: Int, _ value: Float) -> [Float] {
            var motion = [Float](repeating: 0, count: 2 * 24 * 720)
            for picture in 5..<5 + pictures {
                for row in 8..<8 + cells {
                    for column in 20..<20 + cells { motion[(24 + picture) * 720 + row * 36 + column] = value }
                }
            }
            return motion
        }
        let still = clip(4, picture(seed: "a"))
        let walking = clip(5, picture(seed: "b"), motion: motion(cells: 2, pictures: 4, -1.5))
        let noisy = clip(5, picture(seed: "b"), motion: motion(cells: 1, pictures: 1, 3.3))
        #expect(reused(walking, after: still) == nil && reused(still, after: walking) == nil)
        #expect(reused(noisy, after: still) == 4)
    }

    @Test("tokens are never taken from another session, from a picture of another size or for a clip without a picture")
    func others() {
        let first = clip(4, picture(seed: "a"))
        #expect(reused(clip(5, session: 2, picture(seed: "b")), after: first) == nil)
        #expect(reused(clip(5, RGBPicture(width: 1, height: 1, rgb: [0, 0, 0])), after: first) == nil)
        var empty = clip(5, picture(seed: "b"))
        empty.videoLaVIT = nil
        #expect(reused(empty, after: first) == nil)
    }
}
