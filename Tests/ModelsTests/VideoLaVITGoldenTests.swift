import Models
import Tensors
import Testing

/// The parity configurations of specs/video-lavit.md, section 10, in fp32 at each level of instructions.
@Suite struct VideoLaVITGoldenTests {
    static let levels = InstructionLevel.allCases.filter { $0 <= .best }

    private static var visual: VideoLaVITConfiguration.Visual {
        var visual = VideoLaVITConfiguration.Visual()
        visual.imageSize = 56
        visual.width = 32
        visual.heads = 4
        visual.encoderLayers = 2
        visual.mergerLayers = 2
        visual.mlpHidden = 139
        visual.codes = 16
        visual.codeSize = 8
        return visual
    }

    private static var motion: VideoLaVITConfiguration.Motion {
        var motion = VideoLaVITConfiguration.Motion()
        motion.width = 32
        motion.heads = 4
        motion.codes = 16
        motion.codeSize = 8
        (motion.frames, motion.rows, motion.columns) = (8, 4, 8)
        return motion
    }

    @Test func seedsAreThoseOfTheSpecification() {
        #expect((Seeded.uniform(Seeded.hash("a"), 0) + 1) / 2 == 0.5362354521639645)
        #expect((Seeded.uniform(Seeded.hash("a"), 2) + 1) / 2 == 0.3189215552993119)
    }

    @Test(arguments: levels) func encoder(_ level: InstructionLevel) throws {
        try Golden.expect("A.vit_out", Self.encode(level))
    }

    private static func encode(_ level: InstructionLevel) -> [Float] {
        let encoder = EVAViT(SeededSource().below("A/"), visual, precision: .float32)
        return WorkerPool(threads: 2, level: level).perform { engine in
            let features = engine.workspace.matrix(rows: 17, columns: 32)
            encoder.encode(Seeded.values("A/input", 3 * 56 * 56), into: features, engine)
            return features.values
        }
    }

    @Test(arguments: levels) func selectorMergerAndCodes(_ level: InstructionLevel) throws {
        struct Result {
            var scores: [Float] = []
            var keep: [Bool] = []
            var merged: [Float] = []
            var allKept: [Float] = []
            var vectors: [Float] = []
            var features: [Float]?
            var codes: [Int] = []
        }
        let features = Self.encode(level)
        let tokenizer = DynamicVisualTokenizer(
            SeededSource().below("B/"), Self.visual, languageWidth: 48, precision: .float32)
        let result = WorkerPool(threads: 2, level: level).perform { engine -> Result in
            var result = Result()
            let patches = engine.workspace.matrix(rows: 16, columns: 32)
            patches.fill(Array(features[32...]))
            result.scores = tokenizer.selector.logProbabilities(of: patches, engine)
            result.keep = DynamicVisualTokenizer.decide(
                result.scores, .noise(Seeded.values("B/gumbel", 32, times: 2)))
            let merged = engine.workspace.matrix(rows: 16, columns: 32)
            tokenizer.merger.mergeAll(patches, keep: Array(repeating: true, count: 16), into: merged, engine)
            result.allKept = merged.values
            tokenizer.merger.mergeAll(patches, keep: result.keep, into: merged, engine)
            result.merged = merged.values
            let kept = engine.workspace.matrix(rows: result.keep.count { $0 }, columns: 32)
            tokenizer.merger.merge(patches, keep: result.keep, into: kept, engine)
            let vectors = tokenizer.codeVectors(of: kept, engine)
            result.vectors = vectors.values
            result.codes = tokenizer.codebook.nearest(vectors, engine).map(\.code)
            result.features = tokenizer.languageFeatures(of: kept, engine)
            return result
        }
        try Golden.expect("B.log_scores", result.scores)
        try Golden.expect("B.keep", result.keep.map { $0 ? 1 : 0 })
        try Golden.expect("B.merged", result.merged)
        try Golden.expect("B.merged_all_kept", result.allKept)
        try Golden.expect("B.z", result.vectors)
        try Golden.expect("B.ids", result.codes.map(Float.init))
        try Golden.expect("B.vit_proj_kept", try #require(result.features))
    }

    @Test(arguments: levels) func motionTokenizer(_ level: InstructionLevel) throws {
        struct Result {
            var tokens: [Float] = []
            var vectors: [Float] = []
            var codes: [Int] = []
            var decoded: [Float] = []
        }
        let tokenizer = MotionTokenizer(
            SeededSource().below("C/"), Self.motion, withDecoder: true, precision: .float32)
        let pool = WorkerPool(threads: 2, level: level)
        let input = Seeded.values("C/input", 2 * 2 * 8 * 4 * 8, times: 10)
        let clips = [Array(input[..<512]), Array(input[512...])]
        var whole = Result()
        for clip in clips {
            let result = pool.perform { engine -> Result in
                let tokens = engine.workspace.matrix(rows: 2, columns: 32)
                tokenizer.encoder.encode(clip, into: tokens, engine)
                let vectors = tokenizer.encoder.codeVectors(of: tokens, engine)
                let codes = tokenizer.codebook.nearest(vectors, engine).map(\.code)
                return Result(
                    tokens: tokens.values, vectors: vectors.values, codes: codes,
                    decoded: tokenizer.decode(codes, engine) ?? [])
            }
            whole.tokens += result.tokens
            whole.vectors += result.vectors
            whole.codes += result.codes
            whole.decoded += result.decoded
        }
        try Golden.expect("C.encoder_out", whole.tokens)
        try Golden.expect("C.z", whole.vectors)
        try Golden.expect("C.ids", whole.codes.map(Float.init))
        try Golden.expect("C.decoded", whole.decoded)
    }
}
