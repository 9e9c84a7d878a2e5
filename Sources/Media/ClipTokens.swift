/// What a tokenizer makes of a clip. docs/tokens.md says how ids are laid out.
public struct ClipTokens: Sendable, Hashable {
    /// Key-frame ids in the tokenizer's order.
    public var key: [Int]
    /// Motion ids in the tokenizer's order.
    public var motion: [Int]
    /// The step of the quantiser ladder that the motion needed, 0 the finest; nil for tokenizers without one.
    public var motionQuantizer: Int?

    public init(key: [Int], motion: [Int], motionQuantizer: Int? = nil) {
        self.key = key
        self.motion = motion
        self.motionQuantizer = motionQuantizer
    }
}

/// What consumers must know of a tokenizer to use its ids.
public struct TokenizerDescription: Sendable, Hashable {
    /// e.g. `scalar-v1`; changes whenever the same clip would give other ids.
    public var id: String
    /// SHA-256 of the weights in hexadecimal; nil for tokenizers without weights.
    public var weightHash: String?
    /// Key ids lie in 0 ..< keyVocabulary, motion ids in 0 ..< motionVocabulary.
    public var keyVocabulary: Int
    public var motionVocabulary: Int
    /// Rows and columns of the key-frame blocks and of the motion cells.
    public var keyGrid: [Int]
    public var motionGrid: [Int]
    /// The most motion ids a clip can have.
    public var maximumMotionIDs: Int
    /// Key ids a clip.
    public var keyIDs: Int
    /// Seconds a clip.
    public var clipSeconds: Int

    public init(
        id: String, weightHash: String?, keyVocabulary: Int, motionVocabulary: Int, keyGrid: [Int], motionGrid: [Int],
        maximumMotionIDs: Int, keyIDs: Int, clipSeconds: Int = 4
    ) {
        self.id = id
        self.weightHash = weightHash
        self.keyVocabulary = keyVocabulary
        self.motionVocabulary = motionVocabulary
        self.keyGrid = keyGrid
        self.motionGrid = motionGrid
        self.maximumMotionIDs = maximumMotionIDs
        self.keyIDs = keyIDs
        self.clipSeconds = clipSeconds
    }
}
