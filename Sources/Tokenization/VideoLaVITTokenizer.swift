public import Media
public import Models
public import Tensors

/// Video-LaVIT's tokens of a clip from a checkpoint's weights: a code for each patch of the key picture that is worth one, 135 codes of motion,
/// and the ids by which the language model knows them. docs/tokens.md states their order.
///
/// Clips need `Clip.videoLaVIT`. Calls may come from any thread and wait for each other: they block, so call from a thread of your own.
public final class VideoLaVITTokenizer: ClipTokenizer {
    public struct Options: Sendable, Hashable {
        /// How patches are chosen. With `gumbel` each clip draws anew, from the seed and its place in the stream.
        public var selection: DynamicVisualTokenizer.Selection
        /// Continuous features of the key picture, where the checkpoint has the projection for them.
        public var withFeatures: Bool

        public init(selection: DynamicVisualTokenizer.Selection = .deterministic, withFeatures: Bool = false) {
            self.selection = selection
            self.withFeatures = withFeatures
        }
    }

    public let description: TokenizerDescription
    private let model: VideoLaVIT
    private let pool: WorkerPool
    private let options: Options

    /// - Parameters:
    ///   - precision: the one that the model was made with.
    ///   - weightHash: of the checkpoint's tokenizer weights.
    public init(
        _ model: VideoLaVIT, precision: Precision, pool: WorkerPool, weightHash: String?, options: Options = Options()
    ) {
        let (visual, motion) = (model.configuration.visual, model.configuration.motion)
        let grid = model.motion.encoder.output
        let side = visual.imageSize / visual.patchSize
        let text = model.configuration.textVocabulary
        var id = "video-lavit-v1-\(precision.rawValue)"
        if case .gumbel(let seed) = options.selection { id += "-gumbel-\(seed)" }
        description = TokenizerDescription(
            id: id, weightHash: weightHash, keyVocabulary: visual.codes, motionVocabulary: motion.codes,
            keyGrid: [side, side], motionGrid: [grid.frames, grid.rows, grid.columns], maximumMotionIDs: grid.count,
            keyIDs: visual.patches,
            languageVocabulary: LanguageVocabulary(
                keyMarkers: [text, text + 1], keyOffset: text + 2,
                motionMarkers: [text + 2 + visual.codes, text + 3 + visual.codes],
                motionOffset: text + 4 + visual.codes, count: text + 4 + visual.codes + motion.codes))
        self.model = model
        self.pool = pool
        self.options = options
    }

    public func encode(_ clip: Clip) throws -> ClipTokens {
        guard let input = clip.videoLaVIT else { throw ClipError.noVideoLaVITInput }
        guard input.motion.count == 2 * model.motion.encoder.input.count else {
            throw ClipError.motionCount(input.motion.count, expected: 2 * model.motion.encoder.input.count)
        }
        let matches = encode(input, selection: selection(for: clip))
        let key = matches.key.codes.map(\.code)
        let motion = matches.motion.map(\.code)
        return ClipTokens(
            key: key, motion: motion,
            languageModel: description.languageVocabulary.map { $0.ids(key: key, motion: motion) },
            features: matches.key.features.flatMap { features in
                model.configuration.languageWidth.map { ClipFeatures(columns: $0, values: features) }
            })
    }

    /// The tokens with their distances.
    package func encode(
        _ input: VideoLaVITInput, selection: DynamicVisualTokenizer.Selection
    ) -> (key: DynamicVisualTokenizer.Tokens, motion: [Codebook.Match]) {
        let pixels = PillowBicubic.pixelValues(
            input.key.rgb, width: input.key.width, height: input.key.height,
            side: model.configuration.visual.imageSize)
        return pool.perform { [model, options] engine in
            (
                model.visual.encode(pixels, selection: selection, withFeatures: options.withFeatures, engine),
                model.motion.encode(input.motion, engine)
            )
        }
    }

    private func selection(for clip: Clip) -> DynamicVisualTokenizer.Selection {
        guard case .gumbel(let seed) = options.selection else { return options.selection }
        let place = UInt64(truncatingIfNeeded: clip.session) << 32 ^ UInt64(truncatingIfNeeded: clip.index)
        return .gumbel(seed: seed ^ place &* 0xd6e8_feb8_6659_fd93)
    }

    /// The motion alone: a key picture's codes take a diffusion model to become a picture.
    public func decode(_ tokens: ClipTokens) throws -> DecodedClip {
        let expected = description.maximumMotionIDs
        guard tokens.motion.count <= expected else {
            throw TokenError.motionContinues(position: expected, value: tokens.motion[expected])
        }
        guard tokens.motion.count == expected else {
            throw TokenError.motionEnds(position: tokens.motion.count, expected: "one of \(expected) codes")
        }
        for (position, code) in tokens.motion.enumerated() where !(0..<description.motionVocabulary).contains(code) {
            throw TokenError.motion(
                position: position, value: code, expected: "a code 0…\(description.motionVocabulary - 1)")
        }
        guard let motion = pool.perform({ [model] engine in model.motion.decode(tokens.motion, engine) }) else {
            throw TokenError.noDecoder
        }
        return DecodedClip(fields: Self.fields(motion), thumbnail: nil)
    }

    /// Motion in the tokenizer's units as velocities: six pictures a second.
    private static func fields(_ motion: [Float]) -> [MotionField] {
        let count = Clip.fieldCount * MotionField.cells
        let velocityUnit = SIMD2<Float>(VideoLaVITInput.unit) * 6
        return (0..<Clip.fieldCount).map { index in
            let start = Clip.fieldDuration * Int64(index)
            let velocity = (0..<MotionField.cells).map { cell in
                let place = index * MotionField.cells + cell
                return SIMD2(motion[place], motion[count + place]) * velocityUnit
            }
            return MotionField(
                start: start, end: start + Clip.fieldDuration, velocity: velocity,
                validity: Array(repeating: 1, count: MotionField.cells))
        }
    }
}

extension LanguageVocabulary {
    /// A whole clip: key-frame ids, then motion ids, each between its markers.
    public func ids(key: [Int], motion: [Int]) -> [Int] {
        [keyMarkers[0]] + key.map { $0 + keyOffset } + [keyMarkers[1]]
            + [motionMarkers[0]] + motion.map { $0 + motionOffset } + [motionMarkers[1]]
    }
}
