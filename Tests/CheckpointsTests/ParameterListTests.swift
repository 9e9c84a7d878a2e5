import Checkpoints
import Models
import Tensors
import Testing

/// The tensors of the published checkpoints, written down from the specification's tables (specs/video-lavit.md, 1.4), against those that
/// the models ask for.
@Suite struct ParameterListTests {
    private typealias Shapes = [String: [Int]]

    private static func linear(_ name: String, _ inputs: Int, _ outputs: Int) -> Shapes {
        ["\(name).weight": [outputs, inputs], "\(name).bias": [outputs]]
    }

    private static func norm(_ name: String, _ width: Int) -> Shapes {
        ["\(name).weight": [width], "\(name).bias": [width]]
    }

    private static func join(_ parts: [Shapes]) -> Shapes {
        parts.reduce(into: [:]) { $0.merge($1) { _, _ in [] } }
    }

    private static var vit: Shapes {
        let blocks = (0..<40).map { i in
            join([
                norm("blocks.\(i).norm1", 1408), norm("blocks.\(i).norm2", 1408),
                [
                    "blocks.\(i).attn.qkv.weight": [4224, 1408], "blocks.\(i).attn.q_bias": [1408],
                    "blocks.\(i).attn.v_bias": [1408],
                ],
                linear("blocks.\(i).attn.proj", 1408, 1408), linear("blocks.\(i).mlp.fc1", 1408, 6144),
                linear("blocks.\(i).mlp.fc2", 6144, 1408),
            ])
        }
        let rest: Shapes = [
            "cls_token": [1, 1, 1408], "pos_embed": [1, 257, 1408], "patch_embed.proj.weight": [1408, 3, 14, 14],
            "patch_embed.proj.bias": [1408],
        ]
        return join(blocks + [rest, norm("norm", 1408), linear("head", 1408, 1024)])
    }

    private static var visual: Shapes {
        let blocks = (0..<12).map { i in
            let block = "causal_encoder.blocks.\(i)"
            return join(
                (0...2).map { norm("\(block).norm\($0)", 1408) }
                    + [
                        linear("\(block).token_causal_attn.qkv", 1408, 4224),
                        linear("\(block).token_causal_attn.proj", 1408, 1408),
                    ]
                    + ["query", "key", "value", "proj"].map { linear("\(block).token_cross_attn.\($0)", 1408, 1408) }
                    + [linear("\(block).mlp.fc1", 1408, 6144), linear("\(block).mlp.fc2", 6144, 1408)])
        }
        return join(
            blocks + [
                norm("token_predictor.in_conv.0", 1408), linear("token_predictor.in_conv.1", 1408, 1408),
                linear("token_predictor.out_conv.0", 1408, 704), linear("token_predictor.out_conv.2", 704, 352),
                linear("token_predictor.out_conv.4", 352, 2), norm("causal_encoder.ln_vision", 1408),
                norm("causal_encoder.norm", 1408), ["quantize.embedding.weight": [16384, 32]],
                linear("encode_task_layer.0", 1408, 1408), linear("encode_task_layer.2", 1408, 32),
            ])
    }

    private static var motion: Shapes {
        let halves = [("encoder", "down"), ("decoder", "up")].map { half, direction in
            let blocks = (0..<12).map { i in
                let block = "\(half).blocks.\(i)"
                let attentions: [Shapes] = ["spatial_attention", "temporal_attention"].map { name in
                    join([
                        [
                            "\(block).\(name).qkv.weight": [1536, 512], "\(block).\(name).q_bias": [512],
                            "\(block).\(name).v_bias": [512],
                        ],
                        linear("\(block).\(name).proj", 512, 512),
                    ])
                }
                return join(
                    attentions + (0...2).map { norm("\(block).norm\($0)", 512) }
                        + [linear("\(block).mlp.fc1", 512, 2048), linear("\(block).mlp.fc2", 2048, 512)])
            }
            let convolutions: [Shapes] = (0..<4).map {
                let name = "\(half).\(direction)_sample_layers.\($0).conv"
                return ["\(name).weight": [512, 512, 3, 3, 3], "\(name).bias": [512]]
            }
            return join(blocks + convolutions + [norm("\(half).norm", 512)])
        }
        return join(
            halves + [
                [
                    "encoder.pos_embed": [1, 720, 512], "encoder.temp_pos": [1, 24, 512],
                    "quantize.embedding.weight": [1024, 32],
                ],
                linear("encoder.in_proj", 2, 512), linear("decoder.in_proj", 32, 512),
                linear("encode_task_layer.0", 512, 512),
                linear("encode_task_layer.2", 512, 32), linear("decode_task_layer.0", 512, 512),
                linear("decode_task_layer.2", 512, 2),
            ])
    }

    private static func prefixed(_ shapes: Shapes, _ prefix: String) -> Shapes {
        Dictionary(uniqueKeysWithValues: shapes.map { (prefix + $0.key, $0.value) })
    }

    private static func count(_ shapes: Shapes) -> Int { shapes.values.reduce(0) { $0 + $1.reduce(1, *) } }

    @Test func theListIsThatOfThePublishedFiles() {
        // 1.1: parameters, and bytes as bf16.
        #expect(Self.count(Self.vit) == 1_012_588_928)
        #expect(Self.count(Self.motion) == 158_476_322 && Self.motion.count == 515)
        #expect((Self.count(Self.visual) * 2 + 50_000) / 100_000 == 8_081)
        let projection = Self.linear("vit_proj", 1408, 4096)
        #expect(Self.vit.count + Self.visual.count + projection.count == 813)
        let all = Self.count(Self.vit) + Self.count(Self.visual) + Self.count(projection)
        #expect((all + 50_000) / 100_000 == 14_224)
    }

    @Test(arguments: [true, false]) func theModelsAskForAllOfThem(withProjection: Bool) {
        var configuration = VideoLaVITConfiguration()
        if !withProjection { configuration.languageWidth = nil }
        let asked = VideoLaVIT.parameters(of: configuration)
        let expected = Self.join([
            Self.prefixed(Self.vit, "visual_tokenizer.encoder."), Self.prefixed(Self.visual, "visual_tokenizer."),
            withProjection ? Self.linear("visual_tokenizer.vit_proj", 1408, 4096) : [:],
            Self.prefixed(Self.motion, "motion_tokenizer."),
        ])
        #expect(asked.count == expected.count)
        for parameter in asked { #expect(expected[parameter.key] == parameter.shape, "\(parameter.key)") }
        #expect(Set(expected.keys).subtracting(asked.map(\.key)).isEmpty)
    }
}
