/// Why pictures could not be written.
public enum EncoderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// libavcodec on this machine has no such encoder.
    case unsupported(String)
    /// The encoder or the muxer could not be set up or refused a picture; libav's reason.
    case failed(String, String)
    /// The file could not be written.
    case output(path: String, reason: String)

    public var description: String {
        switch self {
        case .unsupported(let name):
            "libavcodec on this machine has no encoder \(name); install a build that has one (Debian's libavcodec59 has)"
        case .failed(let name, let reason): "\(name): \(reason)"
        case .output(let path, let reason): "\(path): \(reason)"
        }
    }
}
