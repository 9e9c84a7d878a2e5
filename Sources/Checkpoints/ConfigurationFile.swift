internal import FoundationEssentials
package import Models

extension VideoLaVITConfiguration {
    /// The sizes that a checkpoint's `config.json` states; those that it does not state are the published ones.
    package init(parsing json: UnsafeRawBufferPointer) throws(FormatError) {
        guard json.count <= 1_000_000 else {
            throw FormatError("it has \(json.count) bytes, more than any configuration")
        }
        let file: ConfigurationFile
        do {
            file = try JSONDecoder().decode(ConfigurationFile.self, from: Data(json))
        } catch {
            throw FormatError("it cannot be read (\(error.reason))")
        }
        self.init()
        if let sizes = file.visual_tokenizer { try sizes.apply(to: &visual) }
        if let sizes = file.motion_tokenizer { try sizes.apply(to: &motion) }
        try take(file.text_vocab_size, "text_vocab_size", 1...1_000_000, into: &textVocabulary)
        var width = languageWidth ?? 0
        try take(file.hidden_size, "hidden_size", 1...65_536, into: &width)
        languageWidth = width
        let ids = textVocabulary + 4 + visual.codes + motion.codes
        if let vocabulary = file.vocab_size, vocabulary < ids {
            throw FormatError(
                "vocab_size is \(vocabulary), but text, pictures and motion take \(ids) ids: this is no Video-LaVIT checkpoint"
            )
        }
    }
}

/// The entries of `config.json` that say how large the tokenizers are, in its spelling.
struct ConfigurationFile: Codable {
    var architectures: [String]?
    var hidden_size: Int?
    var vocab_size: Int?
    var text_vocab_size: Int?
    var visual_tokenizer: Visual?
    var motion_tokenizer: Motion?

    struct Visual: Codable {
        var image_size: Int?
        var patch_size: Int?
        var width: Int?
        var heads: Int?
        var encoder_layers: Int?
        var merger_layers: Int?
        var mlp_hidden: Int?
        var n_code: Int?
        var code_dim: Int?

        func apply(to sizes: inout VideoLaVITConfiguration.Visual) throws(FormatError) {
            try take(image_size, "visual_tokenizer.image_size", 1...2048, into: &sizes.imageSize)
            try take(patch_size, "visual_tokenizer.patch_size", 1...sizes.imageSize, into: &sizes.patchSize)
            try demand(
                sizes.imageSize.isMultiple(of: sizes.patchSize), "visual_tokenizer.patch_size", sizes.patchSize,
                "must divide image_size, \(sizes.imageSize)")
            try take(width, "visual_tokenizer.width", 4...16_384, into: &sizes.width)
            try demand(sizes.width.isMultiple(of: 4), "visual_tokenizer.width", sizes.width, "must be a multiple of 4")
            try take(heads, "visual_tokenizer.heads", 1...sizes.width, into: &sizes.heads)
            try demand(
                sizes.width.isMultiple(of: sizes.heads), "visual_tokenizer.heads", sizes.heads,
                "must divide width, \(sizes.width)")
            try take(encoder_layers, "visual_tokenizer.encoder_layers", 1...256, into: &sizes.encoderLayers)
            try take(merger_layers, "visual_tokenizer.merger_layers", 1...256, into: &sizes.mergerLayers)
            try take(mlp_hidden, "visual_tokenizer.mlp_hidden", 1...65_536, into: &sizes.mlpHidden)
            try take(n_code, "visual_tokenizer.n_code", 1...1_048_576, into: &sizes.codes)
            try take(code_dim, "visual_tokenizer.code_dim", 1...4096, into: &sizes.codeSize)
        }
    }

    struct Motion: Codable {
        var dim: Int?
        var heads: Int?
        var depth: Int?
        var n_code: Int?
        var code_dim: Int?
        var frames: Int?
        var grid_width: Int?
        var grid_height: Int?

        func apply(to sizes: inout VideoLaVITConfiguration.Motion) throws(FormatError) {
            try take(dim, "motion_tokenizer.dim", 1...16_384, into: &sizes.width)
            try take(heads, "motion_tokenizer.heads", 1...sizes.width, into: &sizes.heads)
            try demand(
                sizes.width.isMultiple(of: sizes.heads), "motion_tokenizer.heads", sizes.heads,
                "must divide dim, \(sizes.width)")
            var blocks = 12
            try take(depth, "motion_tokenizer.depth", 12...12, into: &blocks)
            try take(n_code, "motion_tokenizer.n_code", 1...1_048_576, into: &sizes.codes)
            try take(code_dim, "motion_tokenizer.code_dim", 1...4096, into: &sizes.codeSize)
            try take(frames, "motion_tokenizer.frames", 8...1024, into: &sizes.frames)
            try take(grid_height, "motion_tokenizer.grid_height", 4...1024, into: &sizes.rows)
            try take(grid_width, "motion_tokenizer.grid_width", 4...1024, into: &sizes.columns)
            // The four stages halve time three times, and the grid twice.
            try demand(
                sizes.frames.isMultiple(of: 8), "motion_tokenizer.frames", sizes.frames, "must be a multiple of 8")
            try demand(
                sizes.rows.isMultiple(of: 4), "motion_tokenizer.grid_height", sizes.rows, "must be a multiple of 4")
            try demand(
                sizes.columns.isMultiple(of: 4), "motion_tokenizer.grid_width", sizes.columns, "must be a multiple of 4"
            )
        }
    }
}

extension VideoLaVITConfiguration {
    /// A `config.json`. Like those of the hub it states the tokenizers' sizes only where they are other than the published ones.
    var file: ConfigurationFile {
        var file = ConfigurationFile()
        let published = VideoLaVITConfiguration()
        file.architectures = ["VideoLaVITLlamaForCausalLM"]
        file.hidden_size = languageWidth ?? published.languageWidth
        file.vocab_size = textVocabulary + 4 + visual.codes + motion.codes
        if textVocabulary != published.textVocabulary { file.text_vocab_size = textVocabulary }
        if visual != published.visual {
            file.visual_tokenizer = ConfigurationFile.Visual(
                image_size: visual.imageSize, patch_size: visual.patchSize, width: visual.width, heads: visual.heads,
                encoder_layers: visual.encoderLayers, merger_layers: visual.mergerLayers, mlp_hidden: visual.mlpHidden,
                n_code: visual.codes, code_dim: visual.codeSize)
        }
        if motion != published.motion {
            file.motion_tokenizer = ConfigurationFile.Motion(
                dim: motion.width, heads: motion.heads, depth: 12, n_code: motion.codes, code_dim: motion.codeSize,
                frames: motion.frames, grid_width: motion.columns, grid_height: motion.rows)
        }
        return file
    }
}

/// Takes an entry where it is there; it must be in the range.
private func take(_ entry: Int?, _ name: String, _ range: ClosedRange<Int>, into size: inout Int) throws(FormatError) {
    guard let entry else { return }
    let bounds =
        range.count == 1 ? "must be \(range.lowerBound)" : "must be from \(range.lowerBound) to \(range.upperBound)"
    try demand(range.contains(entry), name, entry, bounds)
    size = entry
}

private func demand(_ condition: Bool, _ name: String, _ value: Int, _ rule: String) throws(FormatError) {
    guard condition else { throw FormatError("\(name) is \(value), but \(rule)") }
}
