/// What a tokenizer makes of a clip. docs/tokens.md says how ids are laid out.
public struct ClipTokens: Sendable, Hashable {
    /// Key-frame ids in the tokenizer's order.
    public var key: [Int]
    /// Motion ids in the tokenizer's order.
    public var motion: [Int]
    /// The step of the quantiser ladder that the motion needed, 0 the finest; nil for tokenizers without one.
    public var motionQuantizer: Int?
    /// The whole clip, markers included, as ids of the tokenizer's language model; nil for tokenizers without one.
    public var languageModel: [Int]?
    /// Continuous features of the key frame where they were asked for.
    public var features: ClipFeatures?
    /// The clip that these tokens were made of: an earlier one where nothing had changed since.
    public var reusedFrom: Int?

    public init(
        key: [Int], motion: [Int], motionQuantizer: Int? = nil, languageModel: [Int]? = nil,
        features: ClipFeatures? = nil, reusedFrom: Int? = nil
    ) {
        self.key = key
        self.motion = motion
        self.motionQuantizer = motionQuantizer
        self.languageModel = languageModel
        self.features = features
        self.reusedFrom = reusedFrom
    }
}

/// Continuous tokens of a key frame: one row for each position that the selector kept, in raster order.
public struct ClipFeatures: Sendable, Hashable {
    public var columns: Int
    /// Row-major; a whole number of rows.
    public var values: [Float]

    public var rows: Int { columns == 0 ? 0 : values.count / columns }

    public init(columns: Int, values: [Float]) {
        self.columns = columns
        self.values = values
    }
}

/// Where a tokenizer's ids lie in the vocabulary of its language model, and the markers around them.
public struct LanguageVocabulary: Sendable, Hashable {
    /// `[IMG]` and `[/IMG]`, which stand around the key-frame ids.
    public var keyMarkers: [Int]
    /// Added to a key-frame id.
    public var keyOffset: Int
    /// `[MOV]` and `[/MOV]`, which stand around the motion ids.
    public var motionMarkers: [Int]
    /// Added to a motion id.
    public var motionOffset: Int
    /// Ids in all.
    public var count: Int

    public init(keyMarkers: [Int], keyOffset: Int, motionMarkers: [Int], motionOffset: Int, count: Int) {
        self.keyMarkers = keyMarkers
        self.keyOffset = keyOffset
        self.motionMarkers = motionMarkers
        self.motionOffset = motionOffset
        self.count = count
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
    /// Key ids a clip; the most where their number varies.
    public var keyIDs: Int
    /// Nil for tokenizers without a language model.
    public var languageVocabulary: LanguageVocabulary?
    /// Seconds a clip.
    public var clipSeconds: Int

    public init(
        id: String, weightHash: String?, keyVocabulary: Int, motionVocabulary: Int, keyGrid: [Int], motionGrid: [Int],
        maximumMotionIDs: Int, keyIDs: Int, languageVocabulary: LanguageVocabulary? = nil, clipSeconds: Int = 4
    ) {
        self.id = id
        self.weightHash = weightHash
        self.keyVocabulary = keyVocabulary
        self.motionVocabulary = motionVocabulary
        self.keyGrid = keyGrid
        self.motionGrid = motionGrid
        self.maximumMotionIDs = maximumMotionIDs
        self.keyIDs = keyIDs
        self.languageVocabulary = languageVocabulary
        self.clipSeconds = clipSeconds
    }
}
