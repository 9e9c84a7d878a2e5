/// The codecs that videowire knows by name.
public enum VideoCodec: String, Sendable, Hashable, CaseIterable {
    case h264, h265, mpeg1, mpeg2, mpeg4, vp8, vp9, av1, mjpeg

    /// Whether libavcodec exports motion vectors for it (measured; docs/motion.md).
    public var exportsMotionVectors: Bool {
        switch self {
        case .h264, .mpeg1, .mpeg2, .mpeg4: true
        case .h265, .vp8, .vp9, .av1, .mjpeg: false
        }
    }
}

/// What a source says of its video before the first picture is decoded.
public struct VideoFormat: Sendable, Hashable {
    public var codec: VideoCodec
    /// As the pipeline's caps spell it, e.g. `high`; nil where the codec or the source has none.
    public var profile: String?
    public var width: Int
    public var height: Int
    /// Pictures a second as declared; nil where the source declares none (ordinary for RTSP).
    public var framesPerSecond: Double?
    /// Interlaced or mixed scan, as declared.
    public var isInterlaced: Bool

    public init(
        codec: VideoCodec, profile: String? = nil, width: Int, height: Int, framesPerSecond: Double? = nil,
        isInterlaced: Bool = false
    ) {
        self.codec = codec
        self.profile = profile
        self.width = width
        self.height = height
        self.framesPerSecond = framesPerSecond
        self.isInterlaced = isInterlaced
    }
}

/// How a picture was coded.
public enum PictureType: Character, Sendable, Hashable {
    case intra = "I"
    case predicted = "P"
    case bidirectional = "B"
    case unknown = "?"
}
