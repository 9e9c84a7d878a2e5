internal import Tokenization

/// Which tokenizer a stream's clips go to.
package enum TokenizerChoice: String, Sendable, Hashable, CaseIterable {
    case scalar
    case videoLaVIT = "video-lavit"
}

/// The tokenizers of a process.
struct Tokenizers: Sendable {
    private let scalar = ScalarTokenizer()
    /// Nil where no model is loaded.
    private let model: SharedTokenizer?

    init(model: (any ClipTokenizer)? = nil) {
        self.model = model.map { SharedTokenizer($0) }
    }

    /// Loads the model that the settings name, on a thread of its own.
    ///
    /// - Throws: what `TokenizerFactory.make` throws.
    static func load(_ settings: TokenizerSettings?, progress: @escaping @Sendable (String) -> Void) async throws
        -> Self
    {
        guard let settings else { return Self() }
        return try await onOwnThread("vw-load") {
            Result { Self(model: try TokenizerFactory.make(settings, progress: progress)) }
        }.get()
    }

    /// - Returns: nil where no model is loaded.
    func tokenizer(for choice: TokenizerChoice) -> (any ClipTokenizer)? { choice == .scalar ? scalar : model }

    /// What has missed its time; nil while all goes well. Any thread.
    var delay: String? { model?.delay }
}
