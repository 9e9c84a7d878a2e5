internal import Glibc
public import Tensors

/// LaVIT's dynamic visual tokenizer (Jin et al. 2023, arXiv 2309.04669): a selector keeps the patches that matter, a merger folds
/// the others into them, and each kept one becomes a code or a continuous token.
public struct DynamicVisualTokenizer: Sendable {
    /// How the selector's probabilities become a decision for each patch.
    public enum Selection: Sendable, Hashable {
        /// Keep where keeping is at least as likely as dropping.
        case deterministic
        /// A draw by Gumbel noise, as the reference does; the same seed gives the same draw.
        case gumbel(seed: UInt64)
        /// The noise itself: two numbers a patch (keep, drop).
        case noise([Float])
    }

    public let encoder: EVAViT
    public let selector: Selector
    public let merger: Merger
    private let configuration: VideoLaVITConfiguration.Visual
    private let codeHead: (hidden: Linear, code: Linear)
    public let codebook: Codebook
    /// To the language model's width; checkpoints of the generation model have none.
    private let languageProjection: Linear?

    /// Reads the ViT below `encoder.` and the rest beside it.
    ///
    /// - Parameter languageWidth: nil for checkpoints without `vit_proj`.
    public init(
        _ source: any ParameterSource, _ configuration: VideoLaVITConfiguration.Visual, languageWidth: Int?,
        precision: Precision
    ) {
        let width = configuration.width
        let small = precision.forSmallLayers
        self.configuration = configuration
        encoder = EVAViT(source.below("encoder."), configuration, precision: precision)
        selector = Selector(source.below("token_predictor."), width: width, precision: small)
        merger = Merger(source.below("causal_encoder."), configuration, precision: precision)
        codeHead = (
            Linear(source, "encode_task_layer.0", width, width, precision: small),
            Linear(source, "encode_task_layer.2", width, configuration.codeSize, precision: small)
        )
        codebook = Codebook(
            source, "quantize.embedding.weight", codes: configuration.codes, size: configuration.codeSize)
        languageProjection = languageWidth.map { Linear(source, "vit_proj", width, $0, precision: small) }
    }

    public var hasLanguageProjection: Bool { languageProjection != nil }

    /// The tokens of a picture: one for each patch that was kept, in raster order.
    public struct Tokens: Sendable, Hashable {
        public var keep: [Bool]
        public var codes: [Codebook.Match]
        /// Kept patches × the language model's width, row after row, where it was asked for.
        public var features: [Float]?
    }

    /// - Parameter pixels: 3 × 224 × 224, normalised.
    public func encode(
        _ pixels: [Float], selection: Selection = .deterministic, withFeatures: Bool = false, _ engine: Engine
    ) -> Tokens {
        engine.workspace.scope {
            let all = engine.workspace.matrix(rows: encoder.tokens, columns: encoder.width)
            encoder.encode(pixels, into: all, engine)
            let patches = all.rows(1..<encoder.tokens)
            let keep = Self.decide(selector.logProbabilities(of: patches, engine), selection)
            let kept = engine.workspace.matrix(rows: keep.count { $0 }, columns: encoder.width)
            merger.merge(patches, keep: keep, into: kept, engine)
            return Tokens(
                keep: keep, codes: codebook.nearest(codeVectors(of: kept, engine), engine),
                features: withFeatures ? languageFeatures(of: kept, engine) : nil)
        }
    }

    /// What the codebook is asked about; kept patches × code size, valid to the end of the engine's scope.
    public func codeVectors(of kept: Matrix, _ engine: Engine) -> Matrix {
        let hidden = engine.workspace.matrix(rows: kept.rows, columns: kept.columns)
        let vectors = engine.workspace.matrix(rows: kept.rows, columns: configuration.codeSize)
        engine.linear(kept, codeHead.hidden, activation: .tanh, into: hidden)
        engine.linear(hidden, codeHead.code, into: vectors)
        return vectors
    }

    /// Nil for checkpoints without the projection.
    public func languageFeatures(of kept: Matrix, _ engine: Engine) -> [Float]? {
        guard let languageProjection else { return nil }
        return engine.workspace.scope {
            let projected = engine.workspace.matrix(rows: kept.rows, columns: languageProjection.outputs)
            engine.linear(kept, languageProjection, into: projected)
            return projected.values
        }
    }

    /// Keep and drop compared, with noise where it is asked for.
    ///
    /// - Parameter logProbabilities: two numbers a patch (keep, drop).
    public static func decide(_ logProbabilities: [Float], _ selection: Selection) -> [Bool] {
        let noise: [Float]
        switch selection {
        case .deterministic: noise = Array(repeating: 0, count: logProbabilities.count)
        case .gumbel(let seed): noise = gumbelNoise(count: logProbabilities.count, seed: seed)
        case .noise(let given): noise = given
        }
        precondition(noise.count == logProbabilities.count, "two numbers of noise a patch")
        return (0..<noise.count / 2).map { patch in
            let (keep, drop) = (2 * patch, 2 * patch + 1)
            return logProbabilities[keep] + noise[keep] >= logProbabilities[drop] + noise[drop]
        }
    }

    /// −ln(−ln u) of uniform numbers by SplitMix64 (Steele, Lea, Flood 2014).
    private static func gumbelNoise(count: Int, seed: UInt64) -> [Float] {
        var state = seed
        return (0..<count).map { _ -> Float in
            state &+= 0x9e37_79b9_7f4a_7c15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
            bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
            bits ^= bits >> 31
            let uniform = (Double(bits >> 12) + 0.5) / 4_503_599_627_370_496
            return Float(-log(-log(uniform)))
        }
    }
}

/// Says of each patch how likely it is worth a token of its own.
public struct Selector: Sendable {
    private let norm: LayerNorm
    private let input: Linear
    private let output: [Linear]

    init(_ source: any ParameterSource, width: Int, precision: Precision) {
        norm = LayerNorm(source, "in_conv.0", width, epsilon: 1e-5)
        input = Linear(source, "in_conv.1", width, width, precision: precision)
        output = [
            Linear(source, "out_conv.0", width, width / 2, precision: precision),
            Linear(source, "out_conv.2", width / 2, width / 4, precision: precision),
            Linear(source, "out_conv.4", width / 4, 2, precision: precision),
        ]
    }

    /// The logarithms of the probabilities to keep and to drop, two numbers a patch.
    public func logProbabilities(of patches: Matrix, _ engine: Engine) -> [Float] {
        engine.workspace.scope {
            func matrix(_ layer: Linear) -> Matrix {
                engine.workspace.matrix(rows: patches.rows, columns: layer.outputs)
            }
            let mixed = matrix(input)
            engine.linear(patches, input, norm: norm, activation: .gelu, into: mixed)
            // The first half speaks for the patch, the second half for the picture: its mean stands in every row.
            for column in mixed.columns / 2..<mixed.columns {
                var sum: Double = 0
                for row in 0..<mixed.rows { sum += Double(mixed[row, column]) }
                let mean = Float(sum / Double(mixed.rows))
                for row in 0..<mixed.rows { mixed[row, column] = mean }
            }
            let (half, quarter, scores) = (matrix(output[0]), matrix(output[1]), matrix(output[2]))
            engine.linear(mixed, output[0], activation: .gelu, into: half)
            engine.linear(half, output[1], activation: .gelu, into: quarter)
            engine.linear(quarter, output[2], into: scores)
            return (0..<scores.rows).flatMap { row -> [Float] in
                let (keep, drop) = (Double(scores[row, 0]), Double(scores[row, 1]))
                let top = max(keep, drop)
                let sum = top + log(exp(keep - top) + exp(drop - top))
                return [Float(keep - sum), Float(drop - sum)]
            }
        }
    }
}

/// Folds what is dropped into what is kept: causal attention among kept patches, cross-attention to dropped ones.
public struct Merger: Sendable {
    private let heads: Int
    private let width: Int
    private let precision: Precision
    private let sourceNorm: LayerNorm
    private let finalNorm: LayerNorm
    private let blocks: [Block]

    private struct Block {
        let norm0: LayerNorm
        let qkv: Linear
        let causalProjection: Linear
        let norm1: LayerNorm
        let query: Linear
        let key: Linear
        let value: Linear
        let crossProjection: Linear
        let norm2: LayerNorm
        let fc1: Linear
        let fc2: Linear
    }

    init(_ source: any ParameterSource, _ configuration: VideoLaVITConfiguration.Visual, precision: Precision) {
        let (width, hidden) = (configuration.width, configuration.mlpHidden)
        heads = configuration.heads
        self.width = width
        self.precision = precision
        sourceNorm = LayerNorm(source, "ln_vision", width, epsilon: 1e-5)
        finalNorm = LayerNorm(source, "norm", width, epsilon: 1e-5)
        blocks = (0..<configuration.mergerLayers).map { index in
            let source = source.below("blocks.\(index).")
            func linear(_ name: String, _ inputs: Int, _ outputs: Int) -> Linear {
                Linear(source, name, inputs, outputs, precision: precision)
            }
            return Block(
                norm0: LayerNorm(source, "norm0", width, epsilon: 1e-5),
                qkv: linear("token_causal_attn.qkv", width, 3 * width),
                causalProjection: linear("token_causal_attn.proj", width, width),
                norm1: LayerNorm(source, "norm1", width, epsilon: 1e-5),
                query: linear("token_cross_attn.query", width, width),
                key: linear("token_cross_attn.key", width, width),
                value: linear("token_cross_attn.value", width, width),
                crossProjection: linear("token_cross_attn.proj", width, width),
                norm2: LayerNorm(source, "norm2", width, epsilon: 1e-5),
                fc1: linear("mlp.fc1", width, hidden), fc2: linear("mlp.fc2", hidden, width))
        }
    }

    /// The merged features of the patches that are kept.
    ///
    /// The reference computes all positions and lets dropped ones weigh ε/N in the causal attention, about 10⁻⁸. In fp32 this does
    /// the same; in lower precisions, whose rounding is thousands of times larger, dropped positions are left out.
    ///
    /// - Parameters:
    ///   - patches: features of the ViT without the class token.
    ///   - kept: a row for each kept patch, in raster order.
    public func merge(_ patches: Matrix, keep: [Bool], into kept: Matrix, _ engine: Engine) {
        let indices = keep.indices.filter { keep[$0] }
        precondition(kept.rows == indices.count, "a row a kept patch")
        guard !indices.isEmpty else { return }
        if precision == .float32 || indices.count == keep.count {
            engine.workspace.scope {
                let all = engine.workspace.matrix(rows: patches.rows, columns: width)
                mergeAll(patches, keep: keep, into: all, engine)
                for (row, index) in indices.enumerated() { kept.rows(row..<row + 1).copy(all.rows(index..<index + 1)) }
            }
        } else {
            mergeKept(patches, keep: keep, into: kept, engine)
        }
    }

    /// The merged features of all positions, as the reference computes them.
    public func mergeAll(_ patches: Matrix, keep: [Bool], into merged: Matrix, _ engine: Engine) {
        engine.workspace.scope {
            let flags = keep.map { UInt8($0 ? 1 : 0) }
            let others = engine.workspace.matrix(rows: patches.rows, columns: width)
            engine.layerNorm(patches, sourceNorm, into: others)
            let x = engine.workspace.matrix(rows: patches.rows, columns: width)
            x.copy(patches)
            run(x, others, causal: .mergerCausal(keep: flags), cross: .mergerCross(keep: flags), engine)
            engine.layerNorm(x, finalNorm, into: merged)
        }
    }

    /// The merged features of kept positions, from kept positions and dropped patches alone.
    private func mergeKept(_ patches: Matrix, keep: [Bool], into kept: Matrix, _ engine: Engine) {
        engine.workspace.scope {
            let x = engine.workspace.matrix(rows: kept.rows, columns: width)
            let dropped = engine.workspace.matrix(rows: patches.rows - kept.rows, columns: width)
            var rows = (kept: 0, dropped: 0)
            for (index, isKept) in keep.enumerated() {
                let patch = patches.rows(index..<index + 1)
                if isKept {
                    x.rows(rows.kept..<rows.kept + 1).copy(patch)
                    rows.kept += 1
                } else {
                    dropped.rows(rows.dropped..<rows.dropped + 1).copy(patch)
                    rows.dropped += 1
                }
            }
            engine.layerNorm(dropped, sourceNorm, into: dropped)
            run(
                x, dropped, causal: .mergerCausal(keep: Array(repeating: 1, count: x.rows)),
                cross: .mergerCross(keep: Array(repeating: 0, count: dropped.rows)), engine)
            engine.layerNorm(x, finalNorm, into: kept)
        }
    }

    private func run(
        _ x: Matrix, _ others: Matrix, causal: Attention.Mask, cross: Attention.Mask, _ engine: Engine
    ) {
        for block in blocks {
            engine.workspace.scope {
                func matrix(_ rows: Int, _ columns: Int) -> Matrix {
                    engine.workspace.matrix(rows: rows, columns: columns)
                }
                let qkv = matrix(x.rows, 3 * width)
                let attended = matrix(x.rows, width)
                engine.linear(x, block.qkv, norm: block.norm0, into: qkv)
                engine.attend(Attention(qkv, output: attended, heads: heads, mask: causal), precision: precision)
                engine.linear(attended, block.causalProjection, residual: x, into: x)

                let query = qkv.columns(0..<width)
                let (key, value) = (matrix(others.rows, width), matrix(others.rows, width))
                engine.linear(x, block.query, norm: block.norm1, into: query)
                engine.linear(others, block.key, into: key)
                engine.linear(others, block.value, into: value)
                engine.attend(
                    Attention(query: query, key: key, value: value, output: attended, heads: heads, mask: cross),
                    precision: precision)
                engine.linear(attended, block.crossProjection, residual: x, into: x)
            }
            engine.feedForward(x, norm: block.norm2, block.fc1, block.fc2)
        }
    }
}
