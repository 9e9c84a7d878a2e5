import Models
import Tensors
import Testing

/// A small model with made-up weights in every precision, on any number of threads, at each level of instructions.
@Suite struct VideoLaVITPrecisionTests {
    private static let configuration: VideoLaVITConfiguration = {
        var configuration = VideoLaVITConfiguration()
        configuration.visual.imageSize = 140
        configuration.visual.width = 96
        configuration.visual.heads = 4
        configuration.visual.encoderLayers = 3
        configuration.visual.mergerLayers = 2
        configuration.visual.mlpHidden = 419
        configuration.visual.codes = 256
        configuration.visual.codeSize = 16
        configuration.motion.width = 64
        configuration.motion.heads = 4
        configuration.motion.codes = 128
        configuration.motion.codeSize = 16
        (configuration.motion.frames, configuration.motion.rows, configuration.motion.columns) = (8, 8, 12)
        configuration.languageWidth = 80
        return configuration
    }()

    private struct Result: Sendable, Equatable {
        var encoded: [Float]
        var visual: DynamicVisualTokenizer.Tokens
        var motionTokens: [Float]
        var motion: [Codebook.Match]
        var decoded: [Float]
    }

    private static func run(_ precision: Precision, threads: Int, level: InstructionLevel = .best) -> Result {
        let model = VideoLaVIT(
            SeededSource(precision: .bfloat16), configuration, withMotionDecoder: true, precision: precision)
        let pixels = Seeded.values("pixels", 3 * 140 * 140)
        let motion = Seeded.values("motion", 2 * 768, times: 10)
        return WorkerPool(threads: threads, level: level).perform { engine in
            let encoded = engine.workspace.matrix(rows: 101, columns: 96)
            model.visual.encoder.encode(pixels, into: encoded, engine)
            let tokens = engine.workspace.matrix(rows: 6, columns: 64)
            model.motion.encoder.encode(motion, into: tokens, engine)
            let codes = model.motion.encode(motion, engine)
            return Result(
                encoded: encoded.values,
                visual: model.visual.encode(pixels, selection: .gumbel(seed: 1), withFeatures: true, engine),
                motionTokens: tokens.values, motion: codes,
                decoded: model.motion.decode(codes.map(\.code), engine) ?? [])
        }
    }

    /// Root mean square of the difference by that of the reference.
    private static func difference(_ values: [Float], _ reference: [Float]) -> Double {
        guard values.count == reference.count else { return .infinity }
        let error = zip(values, reference).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        return (error / reference.reduce(0.0) { $0 + Double($1 * $1) }).squareRoot()
    }

    @Test(arguments: Precision.allCases) func threadsChangeNothing(precision: Precision) {
        let one = Self.run(precision, threads: 1)
        #expect(one.visual.keep.contains(true) && one.visual.keep.contains(false))
        for threads in [2, 3, 7] { #expect(Self.run(precision, threads: threads) == one) }
        // And neither does a second time.
        #expect(Self.run(precision, threads: 2) == one)
    }

    @Test(arguments: Precision.allCases) func levelsAgree(precision: Precision) {
        // Sums in another order; in the lower precisions that tips numbers that lie between two steps.
        let bound: [Precision: Double] = [.float32: 2e-6, .int16: 2e-3, .bfloat16: 8e-3, .int8: 4e-2]
        let best = Self.run(precision, threads: 2)
        for level in InstructionLevel.allCases where level < .best {
            let other = Self.run(precision, threads: 2, level: level)
            #expect(Self.difference(other.encoded, best.encoded) <= bound[precision] ?? 0, "\(level)")
            #expect(Self.difference(other.motionTokens, best.motionTokens) <= bound[precision] ?? 0, "\(level)")
        }
    }

    @Test(arguments: [(Precision.int16, 2e-3), (.bfloat16, 1.5e-2), (.int8, 5e-2)])
    func lowerPrecisionsStayNear(precision: Precision, bound: Double) {
        let (exact, rounded) = (Self.run(.float32, threads: 2), Self.run(precision, threads: 2))
        #expect(Self.difference(rounded.encoded, exact.encoded) <= bound)
        #expect(Self.difference(rounded.motionTokens, exact.motionTokens) <= bound)
        // A code is another one only where the two were nearly as near.
        for (mine, reference) in zip(rounded.motion, exact.motion) where mine.code != reference.code {
            #expect(reference.margin <= 0.05)
        }
    }

    @Test("what lower precisions leave out of the merger is beneath their rounding")
    func keptPositionsAlone() {
        let source = SeededSource(precision: .bfloat16)
        let tokenizer = DynamicVisualTokenizer(
            source, Self.configuration.visual, languageWidth: nil, precision: .bfloat16)
        let keep = (0..<100).map { $0 % 3 == 0 }
        let results = WorkerPool(threads: 2).perform { engine -> [[Float]] in
            let patches = engine.workspace.matrix(rows: 100, columns: 96)
            patches.fill(Seeded.values("patches", 100 * 96, times: 2))
            let all = engine.workspace.matrix(rows: 100, columns: 96)
            tokenizer.merger.mergeAll(patches, keep: keep, into: all, engine)
            let kept = engine.workspace.matrix(rows: keep.count { $0 }, columns: 96)
            tokenizer.merger.merge(patches, keep: keep, into: kept, engine)
            return [keep.indices.filter { keep[$0] }.flatMap { Array(all[$0]) }, kept.values]
        }
        #expect(Self.difference(results[1], results[0]) <= 1e-3)
    }
}
