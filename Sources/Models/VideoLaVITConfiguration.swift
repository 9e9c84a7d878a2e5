/// The sizes of Video-LaVIT's tokenizers. The defaults are those of the published checkpoints, whose `config.json` names none of them.
public struct VideoLaVITConfiguration: Sendable, Hashable {
    /// ViT, selector, merger and visual codebook.
    public struct Visual: Sendable, Hashable {
        public var imageSize = 224
        public var patchSize = 14
        public var width = 1408
        public var heads = 16
        public var encoderLayers = 40
        public var mergerLayers = 12
        public var mlpHidden = 6144
        public var codes = 16_384
        public var codeSize = 32

        public init() {}

        /// Patches a picture: 16 × 16.
        public var patches: Int { (imageSize / patchSize) * (imageSize / patchSize) }
    }

    /// The motion tokenizer. Four stages of three blocks; the MLP is four times as wide as the tokens.
    public struct Motion: Sendable, Hashable {
        public var width = 512
        public var heads = 8
        public var codes = 1024
        public var codeSize = 32
        public var frames = 24
        public var rows = 20
        public var columns = 36

        public init() {}
    }

    public var visual = Visual()
    public var motion = Motion()
    /// Ids of text pieces; those of pictures and motion follow.
    public var textVocabulary = 32_000
    /// Width of the language model's embeddings; nil for checkpoints without the projection to it.
    public var languageWidth: Int? = 4096

    public init() {}
}
