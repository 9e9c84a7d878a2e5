public import Tensors

/// Video-LaVIT's two tokenizers (arXiv 2402.03161): a key picture and 24 motion fields to codes.
public struct VideoLaVIT: Sendable {
    public let configuration: VideoLaVITConfiguration
    public let visual: DynamicVisualTokenizer
    public let motion: MotionTokenizer

    /// Reads `visual_tokenizer.*` and `motion_tokenizer.*`.
    ///
    /// - Parameter withMotionDecoder: to turn motion codes back into motion; half of the motion tokenizer's memory.
    public init(
        _ source: any ParameterSource, _ configuration: VideoLaVITConfiguration, withMotionDecoder: Bool = false,
        precision: Precision
    ) {
        self.configuration = configuration
        visual = DynamicVisualTokenizer(
            source.below("visual_tokenizer."), configuration.visual, languageWidth: configuration.languageWidth,
            precision: precision)
        motion = MotionTokenizer(
            source.below("motion_tokenizer."), configuration.motion, withDecoder: withMotionDecoder,
            precision: precision)
    }

    /// Does a clip of zeros, so that the first real one finds all memory in place.
    public func warmUp(_ engine: Engine) {
        let side = configuration.visual.imageSize
        // Noise that decides: everything is kept, which takes the most memory.
        let keepAll = (0..<2 * configuration.visual.patches).map { $0 % 2 == 0 ? Float(1e6) : 0 }
        _ = visual.encode(
            Array(repeating: 0, count: 3 * side * side), selection: .noise(keepAll),
            withFeatures: visual.hasLanguageProjection, engine)
        _ = motion.encode(Array(repeating: 0, count: 2 * motion.encoder.input.count), engine)
    }

    /// All parameters of a checkpoint of this configuration, the motion decoder's included.
    public static func parameters(of configuration: VideoLaVITConfiguration) -> [ParameterRecorder.Parameter] {
        let recorder = ParameterRecorder()
        _ = VideoLaVIT(recorder, configuration, withMotionDecoder: true, precision: .float32)
        return recorder.parameters
    }

    /// About how many bytes a model of this configuration takes, at work.
    public static func memory(
        of configuration: VideoLaVITConfiguration, withMotionDecoder: Bool, precision: Precision, threads: Int
    ) -> Int {
        let weights = parameters(of: configuration).reduce(0) { sum, parameter in
            let isLeftOut =
                !parameter.isUsed
                || (!withMotionDecoder && parameter.key.hasPrefix("motion_tokenizer.")
                    && parameter.key.contains("decode"))
            let elements = parameter.shape.reduce(1, *)
            return sum + (isLeftOut ? 0 : elements * (parameter.shape.count > 1 ? precision.weightSize : 4))
        }
        let (motion, visual) = (configuration.motion, configuration.visual)
        // What the steps hold: the motion encoder's tokens, and a frame's projections on each thread.
        let tokens = motion.frames * motion.rows * motion.columns * motion.width * 4
        let frame = motion.rows * motion.columns * motion.width * 4 * 8
        let picture = (visual.patches + 1) * (visual.mlpHidden + 8 * visual.width) * 4
        return weights + 3 * tokens + threads * frame + 2 * picture + (64 << 20)
    }
}
