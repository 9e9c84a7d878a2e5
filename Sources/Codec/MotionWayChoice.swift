public import Media

/// Which way is taken.
extension MotionWay {
    /// The way that `motion: auto` takes for a format, and why in words for a person.
    public static func choose(format: VideoFormat) -> (way: MotionWay, reason: String) {
        let codec = format.codec.rawValue
        guard format.codec.exportsMotionVectors else {
            return (.reencode, "libavcodec exports no motion vectors for \(codec)")
        }
        if let profile = format.profile, isIntraOnly(profile) {
            return (.reencode, "\(codec) profile \(profile) has no motion vectors: all its pictures are intra")
        }
        guard !format.isInterlaced else {
            return (.reencode, "the video is interlaced: vectors of fields do not describe whole pictures")
        }
        return (.codec, "libavcodec exports the motion vectors of progressive \(codec)")
    }

    /// The way for a format where the user asked for one; nil: `choose` decides.
    /// - Throws: `NoVectors` where the stream's own vectors were asked for and there are none.
    public static func choose(
        _ asked: MotionWay?, format: VideoFormat
    ) throws(NoVectors) -> (way: MotionWay, reason: String) {
        let (way, reason) = choose(format: format)
        switch asked {
        case nil: return (way, reason)
        case .codec where way == .codec: return (way, reason)
        case .codec: throw NoVectors(reason: reason)
        case .reencode: return (.reencode, "asked for by motion: reencode")
        }
    }

    /// A stream has no motion vectors of its own.
    public struct NoVectors: Error, CustomStringConvertible {
        public let reason: String
        public var description: String { "\(reason); use motion: auto, which encodes it anew, or an H.264 stream" }
    }

    private static func isIntraOnly(_ profile: String) -> Bool {
        profile.hasSuffix("intra") || profile == "simple-studio"
    }
}
