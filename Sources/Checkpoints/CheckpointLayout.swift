/// How the tokenizers lie in a folder of the model hub. The two hold different weights, and are never mixed.
public enum CheckpointLayout: String, Sendable, Hashable, Codable {
    /// `language_model_sft`: one checkpoint of the language model with both tokenizers below `model.`, for understanding.
    case understanding
    /// The root of the repository: a file for each tokenizer part, for generation. It has no projection to the language model.
    case generation
}

/// One file, or one index of several, and what the keys in it are called here.
struct CheckpointPart {
    /// Below the checkpoint's folder, without the ending.
    var stem: String
    var keys: KeyRule

    enum KeyRule {
        /// Put before each key.
        case prefixed(String)
        /// Taken away from the keys of the tokenizers; the language model's are left out.
        case below(String)
    }

    static let understanding = [
        CheckpointPart(stem: "model", keys: .below("model.")),
        CheckpointPart(stem: "pytorch_model", keys: .below("model.")),
    ]

    static let generation = [
        CheckpointPart(stem: "visual_tokenizer/eva_vitg_psz14", keys: .prefixed("visual_tokenizer.encoder.")),
        CheckpointPart(stem: "visual_tokenizer/tokenizer_encoder", keys: .prefixed("visual_tokenizer.")),
        CheckpointPart(stem: "motion_tokenizer", keys: .prefixed("motion_tokenizer.")),
    ]
}

extension CheckpointPart.KeyRule {
    private static let languageModel = ["model.layers.", "model.embed_tokens.", "model.norm.", "lm_head."]

    /// The key that the models ask for; nil for the language model's parameters.
    func canonical(_ key: String) -> String? {
        switch self {
        case .prefixed(let prefix): return prefix + key
        case .below(let prefix):
            if Self.languageModel.contains(where: { key.hasPrefix($0) }) { return nil }
            return key.hasPrefix(prefix) ? String(key.dropFirst(prefix.count)) : key
        }
    }
}
