public import Media

/// Why pictures could not be decoded.
public enum DecoderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// libavcodec on this machine has no decoder for the codec.
    case unsupported(VideoCodec)
    /// The decoder could not be set up; libavcodec's reason.
    case setup(VideoCodec, String)
    /// One access unit was refused; decoding goes on with the next.
    case refused(MediaTime, String)
    /// The MPEG-4 encoder of the `reencode` way cannot take the pictures, or could not be set up.
    case encoder(String)

    public var description: String {
        switch self {
        case .unsupported(let codec):
            "libavcodec on this machine has no decoder for \(codec.rawValue); install a build that has one"
        case .setup(let codec, let reason):
            "the \(codec.rawValue) decoder could not be set up: \(reason)"
        case .refused(let pts, let reason):
            "the picture at \(pts.seconds) s could not be decoded: \(reason)"
        case .encoder(let reason):
            "the pictures cannot be re-encoded for their motion: \(reason)"
        }
    }
}
