/// What Video-LaVIT's tokenizers take of a clip: its re-encoded key picture and its motion in the reference implementation's own gridding
/// (component-wise maximum of the vectors of a macroblock, bicubic to 20 × 36), bit for bit.
public struct VideoLaVITInput: Sendable, Hashable {
    /// The clip's first re-encoded picture, in the reference's conversion from Y′CbCr.
    public var key: RGBPicture
    /// 2 × 24 × 20 × 36 (horizontal, vertical; frames; rows; columns), in the motion tokenizer's units.
    public var motion: [Float]

    public init(key: RGBPicture, motion: [Float]) {
        self.key = key
        self.motion = motion
    }
}
