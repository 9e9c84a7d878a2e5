import Clips
import Media
import MediaTesting
import Testing

/// The fields of scenes whose motion is known, by encoder.
@Suite(.enabled(if: FFmpeg.isInstalled, "needs the ffmpeg command"))
struct KnownFlowTests {
    /// Two seconds of each scene, one after another.
    private static let pictures = 50
    private static let luma = Scene.all.flatMap { $0.render(count: pictures) }

    @Test(
        "mean endpoint error of the fields stays below its limit",
        arguments: [
            (EncoderSetting.singleReference, 0.15), (.bFrames, 0.35), (.medium, 0.35), (.mpeg4, 0.35),
            (.threeReferences, 0.5),
        ])
    func error(setting: EncoderSetting, limit: Double) throws {
        let video = try setting.encode(luma: Self.luma, picturesPerScene: Self.pictures)
        let outputs = try assemble(video, width: Scene.width, height: Scene.height)
        let fields = outputs.compactMap { if case .field(let field) = $0 { field } else { nil } }
        let clips = outputs.compactMap { if case .clip(let clip) = $0 { clip } else { nil } }
        let ambiguity = clips.contains(where: \.motion.isReferenceAmbiguous) ? "ambiguous" : "sure"
        for (place, scene) in Scene.all.enumerated() {
            let score = FlowScore(scene: scene, start: Double(place * Self.pictures), fields: fields)
            // Read by Tests/Goldens/Tools/plot_known_flow.py.
            print("known-flow;\(setting.name);\(limit);\(scene.name);\(score.line);\(ambiguity)")
            #expect(score.meanError <= limit, "\(scene.name)")
            #expect(score.coverage >= 0.8, "\(scene.name)")
        }
    }

    @Test("a stream gives the same fields and key pictures again, wherever its clock starts")
    func repeatable() throws {
        let video = try EncoderSetting.medium.encode(luma: Self.luma, picturesPerScene: Self.pictures)
        func clips(offset: Int64) throws -> [Clip] {
            let offset = MediaTime(units: offset)
            return try assemble(video, width: Scene.width, height: Scene.height, offset: offset).compactMap { output in
                if case .clip(let clip) = output { clip } else { nil }
            }
        }
        let here = try clips(offset: 0), there = try clips(offset: 77_777_777)
        #expect(here.count == 3 && there.count == 3)
        for (a, b) in zip(here, there) {
            #expect(a.fields.map(\.velocity) == b.fields.map(\.velocity))
            #expect(a.fields.map(\.validity) == b.fields.map(\.validity))
            #expect(a.fields.map(\.luma) == b.fields.map(\.luma) && a.fields.map(\.texture) == b.fields.map(\.texture))
            #expect(a.key.picture.planes == b.key.picture.planes && a.key.kind == b.key.kind)
            #expect(a.frames == b.frames && a.motion == b.motion && a.isComplete && b.isComplete)
        }
    }
}
