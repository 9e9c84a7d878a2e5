public import Tensors

/// EVA-CLIP's ViT-g/14 as Video-LaVIT, BLIP-2 and their relatives use it (Fang et al. 2022): pre-norm blocks, learned positions, queries and
/// values with biases, keys without, no final norm.
public struct EVAViT: Sendable {
    private let patchSize: Int
    private let imageSize: Int
    private let heads: Int
    private let precision: Precision
    public let width: Int
    /// Patches and the class token.
    public let tokens: Int

    private let classToken: Table
    private let positions: Table
    private let patchEmbedding: Linear
    private let blocks: [Block]

    private struct Block {
        let norm1: LayerNorm
        let qkv: Linear
        let projection: Linear
        let norm2: LayerNorm
        let fc1: Linear
        let fc2: Linear
    }

    /// Reads `cls_token`, `pos_embed`, `patch_embed.*` and `blocks.*`.
    public init(
        _ source: any ParameterSource, _ configuration: VideoLaVITConfiguration.Visual, precision: Precision
    ) {
        let width = configuration.width
        patchSize = configuration.patchSize
        imageSize = configuration.imageSize
        heads = configuration.heads
        tokens = configuration.patches + 1
        self.width = width
        self.precision = precision
        classToken = Table(source, "cls_token", shape: [1, 1, width])
        positions = Table(source, "pos_embed", shape: [1, tokens, width])
        patchEmbedding = Linear(
            source, "patch_embed.proj", shape: [3, configuration.patchSize, configuration.patchSize], width,
            precision: precision.forSmallLayers)
        blocks = (0..<configuration.encoderLayers).map { index in
            let source = source.below("blocks.\(index).")
            return Block(
                norm1: LayerNorm(source, "norm1", width, epsilon: 1e-6),
                qkv: Linear(
                    source, "attn.qkv", width, 3 * width,
                    bias: .queryAndValue(query: "attn.q_bias", value: "attn.v_bias"), precision: precision),
                projection: Linear(source, "attn.proj", width, width, precision: precision),
                norm2: LayerNorm(source, "norm2", width, epsilon: 1e-6),
                fc1: Linear(source, "mlp.fc1", width, configuration.mlpHidden, precision: precision),
                fc2: Linear(source, "mlp.fc2", configuration.mlpHidden, width, precision: precision))
        }
        // Of the contrastive model, whose common space has 1024 dimensions.
        source.skip("norm.weight", shape: [width])
        source.skip("norm.bias", shape: [width])
        source.skip("head.weight", shape: [1024, width])
        source.skip("head.bias", shape: [1024])
    }

    /// Features of a picture after the last block.
    ///
    /// - Parameters:
    ///   - pixels: 3 × imageSize × imageSize, normalised.
    ///   - features: tokens × width; the class token comes first.
    public func encode(_ pixels: [Float], into features: Matrix, _ engine: Engine) {
        precondition(pixels.count == 3 * imageSize * imageSize, "\(pixels.count) values for a picture of \(imageSize)")
        embed(pixels, into: features, engine)
        for block in blocks {
            engine.workspace.scope {
                let qkv = engine.workspace.matrix(rows: tokens, columns: 3 * width)
                let attended = engine.workspace.matrix(rows: tokens, columns: width)
                engine.linear(features, block.qkv, norm: block.norm1, into: qkv)
                engine.attend(Attention(qkv, output: attended, heads: heads), precision: precision)
                engine.linear(attended, block.projection, residual: features, into: features)
            }
            engine.feedForward(features, norm: block.norm2, block.fc1, block.fc2)
        }
    }

    private func embed(_ pixels: [Float], into x: Matrix, _ engine: Engine) {
        for row in 0..<tokens {
            for column in 0..<width { x[row, column] = positions.values[row * width + column] }
        }
        for column in 0..<width { x[0, column] += classToken.values[column] }
        engine.workspace.scope {
            let patches = engine.workspace.matrix(rows: tokens - 1, columns: 3 * patchSize * patchSize)
            cut(pixels, into: patches)
            engine.linear(
                patches, patchEmbedding, residual: x.rows(1..<tokens), into: x.rows(1..<tokens))
        }
    }

    /// A patch a row, patches row by row; inside a patch channel, row, column.
    private func cut(_ pixels: [Float], into patches: Matrix) {
        let grid = imageSize / patchSize
        for patch in 0..<patches.rows {
            let (top, left) = (patch / grid * patchSize, patch % grid * patchSize)
            for channel in 0..<3 {
                for y in 0..<patchSize {
                    let from = (channel * imageSize + top + y) * imageSize + left
                    let to = (channel * patchSize + y) * patchSize
                    for x in 0..<patchSize { patches[patch, to + x] = pixels[from + x] }
                }
            }
        }
    }
}
