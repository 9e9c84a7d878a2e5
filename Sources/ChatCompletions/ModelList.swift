/// The answer to `GET /v1/models`, as far as servers agree on it.
struct ModelList {
    struct Model: Hashable {
        var id: String
        var kind: ServerKind
        /// `text`, `image`, `video`; nil where the server does not tell.
        var modalities: [String]?
        /// Tokens.
        var context: Int?
    }

    private static let maximumNames = 20

    var models: [Model]

    init(_ json: JSONField) {
        models = (json["data"]?.array ?? []).compactMap { entry in
            guard let id = entry["id"]?.string, !id.isEmpty else { return nil }
            return Model(
                id: id, kind: ServerKind(owner: entry["owned_by"]?.string),
                modalities: entry["architecture"]?["input_modalities"]?.array?.compactMap(\.string),
                context: entry["max_model_len"]?.integer ?? entry["context_length"]?.integer
                    ?? entry["meta"]?["n_ctx"]?.integer)
        }
    }

    /// The model of that name. Servers leave parts of names out: `qwen3-vl` is Ollama's `qwen3-vl:latest`.
    func model(named name: String) -> Model? {
        models.first { $0.id == name }
            ?? models.first { model in
                [name + ":latest", "models/" + name].contains { $0.lowercased() == model.id.lowercased() }
                    || model.id.lowercased() == name.lowercased()
            }
    }

    /// ` It has: a, b.`; nothing where it lists none.
    var sentence: String {
        guard !models.isEmpty else { return "" }
        let names = models.prefix(Self.maximumNames).map(\.id).joined(separator: ", ")
        return
            " It has: \(names)\(models.count > Self.maximumNames ? " and \(models.count - Self.maximumNames) more" : "")."
    }
}
