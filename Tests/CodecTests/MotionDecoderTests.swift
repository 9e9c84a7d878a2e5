import Clips
import Codec
import Media
import MediaTesting
import Testing

/// Motion by re-encoding.
@Suite(.enabled(if: FFmpeg.isInstalled, "needs the ffmpeg command"))
struct MotionDecoderTests {
    private static let pictures = 50
    private static let luma = Scene.all.flatMap { $0.render(count: pictures) }
    private static let video = Result {
        try EncoderSetting.medium.encode(luma: luma, picturesPerScene: pictures)
    }

    private func fields(of outputs: [ClipOutput]) -> [MotionField] {
        outputs.compactMap { if case .field(let field) = $0 { field } else { nil } }
    }

    private func clips(of outputs: [ClipOutput]) -> [Clip] {
        outputs.compactMap { if case .clip(let clip) = $0 { clip } else { nil } }
    }

    @Test("the fields tell the known motion of scenes")
    func knownFlow() throws {
        let outputs = try assemble(Self.video.get(), width: Scene.width, height: Scene.height, way: .reencode)
        for (place, scene) in Scene.all.enumerated() {
            let score = FlowScore(
                scene: scene, start: Double(place * Self.pictures), fields: fields(of: outputs))
            print("known-flow-reencode;\(scene.name);\(score.line)")
            #expect(score.meanError <= 0.15, "\(scene.name)")
            #expect(score.coverage >= 0.8, "\(scene.name)")
        }
    }

    @Test("clips lie as those of the stream's own vectors do, and say where theirs come from")
    func clips() throws {
        let video = try Self.video.get()
        let own = clips(of: try assemble(video, width: Scene.width, height: Scene.height))
        let made = clips(of: try assemble(video, width: Scene.width, height: Scene.height, way: .reencode))
        #expect(made.map(\.start) == own.map(\.start) && made.map(\.end) == own.map(\.end))
        #expect(made.map(\.frames) == own.map(\.frames))
        #expect(made.allSatisfy { $0.motion.source == .reencode && !$0.motion.isReferenceAmbiguous })
        #expect(made.allSatisfy { $0.isComplete && $0.motion.framesPerSecond == 6 && $0.key.isFiltered })
        // The source has a key picture every two seconds, but the last picture of each half tick is shown.
        #expect(made.allSatisfy { $0.key.kind == .inter && $0.key.picture.pts == $0.start })
    }

    @Test("after a loss encoding begins anew, on the same grid; damaged pictures give no motion until a key picture")
    func loss() throws {
        var units = try Self.video.get().units
        units.removeAll { (150_000..<180_000).contains($0.pts.units) }
        let gap = try #require(units.firstIndex { $0.pts.units >= 180_000 })
        var decoder = try MotionDecoder(codec: .h264, way: .reencode)
        var seen: [(pts: Int64, type: PictureType)] = []
        func note(_ picture: any DecodedPicture) { seen.append((picture.pts.units, picture.type)) }
        for unit in units[..<gap] { try decoder.decode(unit, note) }
        try decoder.flush(note)
        let before = seen.count
        for unit in units[gap...] { try decoder.decode(unit, note) }
        try decoder.flush(note)
        #expect(seen[..<before].map(\.pts) == (0..<10).map { $0 * 15_000 })
        #expect(seen[before].pts == 180_000 && seen[before].type == .intra)
        #expect(seen.allSatisfy { $0.pts % 15_000 == 0 })
    }
}
