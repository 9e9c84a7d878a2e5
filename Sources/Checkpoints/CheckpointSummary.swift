/// What a checkpoint holds, without its weights.
public struct CheckpointSummary: Sendable, Codable {
    public struct File: Sendable, Codable {
        /// Below the checkpoint's folder.
        public var name: String
        public var bytes: Int
        public var tensors: Int
        /// Element types in the spelling of safetensors.
        public var types: [String]
    }

    /// The parameters below one prefix.
    public struct Part: Sendable, Codable {
        public var name: String
        public var tensors: Int
        public var parameters: Int
        public var bytes: Int
        public var types: [String]
    }

    public var path: String
    public var layout: CheckpointLayout
    public var files: [File]
    /// Of the tokenizers; `language_model` is what else lies in the files.
    public var parts: [Part]
}

extension Checkpoint {
    public var summary: CheckpointSummary {
        let files = files.map { file in
            CheckpointSummary.File(
                name: file.path.hasPrefix(path + "/") ? String(file.path.dropFirst(path.count + 1)) : file.path,
                bytes: file.mapping.bytes.count, tensors: file.tensors.count,
                types: Set(file.tensors.map(\.type.name)).sorted())
        }
        var groups: [String: [TensorEntry]] = Dictionary(
            grouping: places, by: { $0.key.split(separator: ".").prefix(2).joined(separator: ".") }
        ).mapValues { $0.map(\.value.entry) }
        groups["language_model"] = languageModel.isEmpty ? nil : languageModel
        let parts = groups.sorted {
            ($0.key == "language_model" ? 1 : 0, $0.key) < ($1.key == "language_model" ? 1 : 0, $1.key)
        }
        .map { name, entries in
            CheckpointSummary.Part(
                name: name, tensors: entries.count, parameters: entries.reduce(0) { $0 + ($1.shape.elementCount ?? 0) },
                bytes: entries.reduce(0) { $0 + $1.range.count }, types: Set(entries.map(\.type.name)).sorted())
        }
        return CheckpointSummary(path: path, layout: layout, files: files, parts: parts)
    }
}
