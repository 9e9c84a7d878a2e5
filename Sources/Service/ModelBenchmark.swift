internal import Foundation
internal import Models
internal import Tensors

/// The work of `videowire model bench`: how long a clip takes on this machine, part by part.
public enum ModelBenchmark {
    public struct Request: Sendable {
        public var tokenizer: TokenizerSettings
        /// Each part is timed so often; the best counts.
        public var runs: Int
        /// Patches that the selector is taken to keep; nil: what it keeps of a made-up picture.
        public var kept: Int?
        public var json: Bool

        public init(tokenizer: TokenizerSettings, runs: Int, kept: Int?, json: Bool) {
            self.tokenizer = tokenizer
            self.runs = runs
            self.kept = kept
            self.json = json
        }
    }

    /// Milliseconds of the best run.
    private struct Result: Encodable {
        struct Parts: Encodable {
            var vit = Double.infinity
            /// Selector, merger and codes.
            var merger = Double.infinity
            /// Encoder and codes.
            var motion = Double.infinity
            /// All of a clip in one go.
            var clip = Double.infinity
        }

        var precision: String
        var instructions: String
        var threads: Int
        var kept: Int
        var best_ms = Parts()
    }

    /// - Throws: why the checkpoint cannot be used, `FileOutput.Failure`.
    public static func run(_ request: Request) async throws {
        let result = try await onOwnThread("vw-bench") {
            Swift.Result { try measure(request) }
        }.get()
        let parts = result.best_ms
        let text: String
        if request.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            text = String(decoding: try encoder.encode(result), as: UTF8.self)
        } else {
            text =
                [
                    ("ViT", parts.vit), ("selector, merger", parts.merger), ("motion encoder", parts.motion),
                    ("clip", parts.clip),
                ]
                .map { String(format: "%-18@ %7.0f ms", $0.0 as NSString, $0.1) }.joined(separator: "\n")
                + "\n\(result.precision), \(result.threads) threads, \(result.instructions), \(result.kept) patches kept, "
                + "best of \(request.runs)"
        }
        var output = FileOutput()
        try output.write(Array((text + "\n").utf8))
        try output.flush()
    }

    private static func measure(_ request: Request) throws -> Result {
        let (model, _) = try TokenizerFactory.load(request.tokenizer) { printError("videowire: \($0)") }
        let pool = WorkerPool(threads: request.tokenizer.threadCount)
        let visual = model.configuration.visual
        let pixels = madeUp(3 * visual.imageSize * visual.imageSize, scale: 2)
        let motion = madeUp(2 * model.motion.encoder.input.count, scale: 20)
        let keep = request.kept.map { kept in
            (0..<visual.patches).map { ($0 + 1) * kept / visual.patches > $0 * kept / visual.patches }
        }
        var result = Result(
            precision: request.tokenizer.precision.rawValue, instructions: "\(InstructionLevel.best)",
            threads: pool.threads, kept: 0)
        for _ in 0..<max(request.runs, 1) {
            let (parts, kept) = pool.perform { engine in
                time(model, pixels: pixels, motion: motion, keep: keep, engine)
            }
            result.kept = kept
            result.best_ms.vit = min(result.best_ms.vit, parts.vit)
            result.best_ms.merger = min(result.best_ms.merger, parts.merger)
            result.best_ms.motion = min(result.best_ms.motion, parts.motion)
            result.best_ms.clip = min(result.best_ms.clip, parts.clip)
        }
        return result
    }

    private static func time(
        _ model: VideoLaVIT, pixels: [Float], motion: [Float], keep: [Bool]?, _ engine: Engine
    ) -> (Result.Parts, kept: Int) {
        engine.workspace.scope {
            let clock = ContinuousClock()
            let start = clock.now
            let encoder = model.visual.encoder
            let features = engine.workspace.matrix(rows: encoder.tokens, columns: encoder.width)
            encoder.encode(pixels, into: features, engine)
            let encoded = clock.now
            let patches = features.rows(1..<encoder.tokens)
            let decided = DynamicVisualTokenizer.decide(
                model.visual.selector.logProbabilities(of: patches, engine), .deterministic)
            let keep = keep ?? decided
            let kept = engine.workspace.matrix(rows: keep.count { $0 }, columns: encoder.width)
            model.visual.merger.merge(patches, keep: keep, into: kept, engine)
            _ = model.visual.codebook.nearest(model.visual.codeVectors(of: kept, engine), engine)
            let merged = clock.now
            _ = model.motion.encode(motion, engine)
            let end = clock.now
            let parts = Result.Parts(
                vit: (encoded - start).inMilliseconds, merger: (merged - encoded).inMilliseconds,
                motion: (end - merged).inMilliseconds, clip: (end - start).inMilliseconds)
            return (parts, kept.rows)
        }
    }

    /// Numbers of −scale/2 … scale/2 that look like noise.
    private static func madeUp(_ count: Int, scale: Float) -> [Float] {
        (0..<count).map { index -> Float in
            let mixed = UInt32(truncatingIfNeeded: index) &* 2_654_435_761
            return (Float(mixed >> 8) / Float(1 << 24) - 0.5) * scale
        }
    }
}

extension Duration {
    fileprivate var inMilliseconds: Double { self / .milliseconds(1) }
}
