/// What Video-LaVIT's tokenizers take of a clip: its re-encoded key picture and its motion in the reference implementation's own gridding
/// (component-wise maximum of the vectors of a macroblock, bicubic to 20 × 36), bit for bit.
public struct VideoLaVITInput: Sendable, Hashable {
    /// The clip's first re-encoded picture, in the reference's conversion from Y′CbCr.
    public var key: RGBPicture
    /// One unit of motion, as a share of the picture's width and height from one picture to the next: a tenth of the reference's standard
    /// deviations of displacements.
    public static let unit = SIMD2(0.0993703, 0.1130276) / 10

    /// 2 × 24 × 20 × 36 (horizontal, vertical; frames; rows; columns), in the motion tokenizer's units.
    public var motion: [Float]

    public init(key: RGBPicture, motion: [Float]) {
        self.key = key
        self.motion = motion
    }
}
