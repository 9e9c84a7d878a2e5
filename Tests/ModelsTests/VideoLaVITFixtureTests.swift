import Checkpoints
import MediaTesting
import Models
import Tensors
import Testing

/// What the reference implementation computes from a toy checkpoint for a real clip, stage by stage, each from the stage before.
@Suite(.enabled(if: SharedFolder.has("fixtures/video-lavit-tiny"), "needs the shared fixtures"))
struct VideoLaVITFixtureTests {
    static let checkpoints = ["checkpoint", "checkpoint-bin"]
    private static let clips = 7
    private let expected: TensorFile

    init() throws {
        expected = try TensorFile(path: SharedFolder.path("fixtures/video-lavit-tiny/expected.safetensors"))
    }

    private func model(_ folder: String, _ precision: Precision = .float32) throws -> VideoLaVIT {
        let checkpoint = try Checkpoint(opening: SharedFolder.path("fixtures/video-lavit-tiny/\(folder)"))
        let source = CheckpointSource(checkpoint)
        let model = VideoLaVIT(source, checkpoint.configuration, withMotionDecoder: true, precision: precision)
        try source.finish()
        return model
    }

    /// The part of a tensor that belongs to a clip.
    private func part(_ name: String, _ clip: Int) -> [Float] {
        let all: [Float] = expected.elements(name)
        let size = all.count / Self.clips
        return Array(all[clip * size..<(clip + 1) * size])
    }

    /// Largest difference by largest magnitude.
    private func difference(_ values: [Float], _ reference: [Float]) -> Float {
        guard values.count == reference.count else { return .infinity }
        let worst = zip(values, reference).map { abs($0 - $1) }.max() ?? .infinity
        return worst / (reference.map { abs($0) }.max() ?? 1)
    }

    private func counts() -> [Int] { expected.elements("visual_counts", as: Int32.self).map { Int($0) } }

    @Test(arguments: checkpoints) func visualTokenizer(_ folder: String) throws {
        let model = try model(folder)
        let pool = WorkerPool(threads: 2)
        var first = 0
        for clip in 0..<Self.clips {
            let pixels = part("pixel_values", clip)
            let (features, probabilities) = (part("encoder_features", clip), part("selector_log_probs", clip))
            let keep = expected.elements("keep_mask", as: UInt8.self)[clip * 256..<(clip + 1) * 256].map { $0 != 0 }
            #expect(keep.count { $0 } == counts()[clip])
            let stages = pool.perform { engine -> [[Float]] in
                let encoded = engine.workspace.matrix(rows: 257, columns: 32)
                model.visual.encoder.encode(pixels, into: encoded, engine)
                let given = engine.workspace.matrix(rows: 257, columns: 32)
                given.fill(features)
                let patches = given.rows(1..<257)
                let merged = engine.workspace.matrix(rows: 256, columns: 32)
                model.visual.merger.mergeAll(patches, keep: keep, into: merged, engine)
                return [encoded.values, model.visual.selector.logProbabilities(of: patches, engine), merged.values]
            }
            #expect(difference(stages[0], features) <= 1e-5)
            #expect(difference(stages[1], probabilities) <= 1e-5)
            #expect(difference(stages[2], part("merged_features", clip)) <= 1e-5)

            // From the picture to the tokens.
            let tokens = pool.perform { engine in model.visual.encode(pixels, withFeatures: true, engine) }
            #expect(tokens.keep == keep)
            let rows = first..<first + counts()[clip]
            first = rows.upperBound
            let ids = expected.elements("visual_token_ids", as: Int32.self)[rows].map { Int($0) - 322 }
            #expect(tokens.codes.map(\.code) == ids)
            let embeddings = expected.elements("visual_embeds", as: Float.self)
            let wanted = Array(embeddings[rows.lowerBound * 48..<rows.upperBound * 48])
            #expect(difference(try #require(tokens.features), wanted) <= 1e-5)
        }
    }

    @Test(arguments: checkpoints) func motionTokenizer(_ folder: String) throws {
        let model = try model(folder)
        let pool = WorkerPool(threads: 2)
        for clip in 0..<Self.clips {
            let motion = part("motion_values", clip)
            let codes = expected.elements("motion_codes", as: Int32.self)[clip * 135..<(clip + 1) * 135].map { Int($0) }
            let tokens = pool.perform { engine -> [Float] in
                let tokens = engine.workspace.matrix(rows: 135, columns: 32)
                model.motion.encoder.encode(motion, into: tokens, engine)
                return tokens.values
            }
            #expect(difference(tokens, part("motion_encoder_features", clip)) <= 1e-5)
            #expect(pool.perform { engine in model.motion.encode(motion, engine) }.map(\.code) == codes)
            let decoded = try #require(pool.perform { engine in model.motion.decode(codes, engine) })
            #expect(difference(decoded, part("motion_reconstruction", clip)) <= 1e-5)
            if clip == 0 {
                // For the detokenizer: one pixel of its picture is eight of the video's, and its units are ten times as large.
                let resized = TensorBicubic.resize(decoded, rows: 20, columns: 36, toRows: 64, columns: 96)
                let all: [Float] = expected.elements("motion_reconstruction_64x96")
                #expect(difference(resized.map { $0 / 10 }, all) <= 1e-5)
            }
        }
    }
}
