public import Media

/// The tokenizer that needs no weights: global motion and residual cells by fixed quantisers, the key picture as a
/// quantised block transform of a 144 × 80 thumbnail. docs/tokens.md states every id.
public struct ScalarTokenizer: ClipTokenizer {
    public init() {}

    public var description: TokenizerDescription {
        TokenizerDescription(
            id: "scalar-v1", weightHash: nil, keyVocabulary: ThumbnailCode.vocabulary,
            motionVocabulary: MotionVocabulary.count, keyGrid: [ThumbnailCode.blockRows, ThumbnailCode.blockColumns],
            motionGrid: [MotionField.rows, MotionField.columns], maximumMotionIDs: MotionVocabulary.maximumIDs,
            keyIDs: ThumbnailCode.idCount)
    }

    public func encode(_ clip: Clip) throws -> ClipTokens {
        try check(clip.fields)
        let planes = try ThumbnailPlanes(clip.key.picture)
        let motion = try MotionEncoder().encode(clip.fields)
        return ClipTokens(key: ThumbnailCode.encode(planes), motion: motion.ids, motionQuantizer: motion.quantizer)
    }

    /// The ids alone decide; `tokens.motionQuantizer` is not looked at, the first motion id says the same.
    public func decode(_ tokens: ClipTokens) throws -> DecodedClip {
        let planes = try ThumbnailCode.decode(tokens.key)
        let code = try MotionReader.parse(tokens.motion)
        return DecodedClip(fields: code.fields, thumbnail: planes.thumbnail)
    }

    /// The picture that key ids alone say.
    ///
    /// - Throws: as `decode`.
    public func thumbnail(ofKey ids: [Int]) throws -> RGBPicture { try ThumbnailCode.decode(ids).thumbnail }

    /// A row for each of the 10 × 18 blocks, from the top left: the 17 coefficients that the ids tell of it, its share of the chroma
    /// included, and a constant.
    public func keyFeatures(of tokens: ClipTokens) throws -> ClipFeatures {
        try ThumbnailFeatures.features(of: tokens.key)
    }

    /// The picture as the tokenizer sees it before quantisation: what `decode` would give with unlimited bits.
    public static func thumbnail(of picture: Picture) throws -> RGBPicture {
        try ThumbnailPlanes(picture).thumbnail
    }

    private func check(_ fields: [MotionField]) throws {
        guard fields.count == Clip.fieldCount else { throw ClipError.fieldCount(fields.count) }
        for (index, field) in fields.enumerated() {
            let count = min(field.velocity.count, field.validity.count)
            guard count == MotionField.cells, field.velocity.count == field.validity.count else {
                throw ClipError.cellCount(field: index, count: count)
            }
        }
    }
}
