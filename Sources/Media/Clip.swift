/// Four seconds of a session: 24 motion fields and a key picture. docs/clips.md states the rule that cuts them.
public struct Clip: Sendable {
    public static let fieldCount = 24
    public static let fieldDuration = MediaTime(units: 15_000)
    public static let duration = MediaTime(units: 360_000)

    public var session: Int
    /// Counts the clips of a session from 0, skipped ones included.
    public var index: Int
    public var start: MediaTime
    public var end: MediaTime
    /// All 24 fields are there.
    public var isComplete: Bool
    /// What ended it.
    public var cut: ClipCut
    /// Coded pictures whose time stamp lies in it, decoded or not.
    public var frames: Int
    /// Its first picture is a clean codec key frame.
    public var startsOnKey: Bool
    public var hasBFrames: Bool
    public var video: VideoFormat
    public var key: KeyPicture
    /// Always 24; those behind the end of an incomplete clip are invalid everywhere.
    public var fields: [MotionField]
    public var motion: MotionSummary
    public var capture: CaptureSpan?
    public var quality: ClipQuality
    /// Only where the stream's tokenizer is Video-LaVIT's.
    public var videoLaVIT: VideoLaVITInput?

    public init(
        session: Int, index: Int, start: MediaTime, end: MediaTime, isComplete: Bool, cut: ClipCut, frames: Int,
        startsOnKey: Bool, hasBFrames: Bool, video: VideoFormat, key: KeyPicture, fields: [MotionField],
        motion: MotionSummary, capture: CaptureSpan?, quality: ClipQuality, videoLaVIT: VideoLaVITInput? = nil
    ) {
        self.session = session
        self.index = index
        self.start = start
        self.end = end
        self.isComplete = isComplete
        self.cut = cut
        self.frames = frames
        self.startsOnKey = startsOnKey
        self.hasBFrames = hasBFrames
        self.video = video
        self.key = key
        self.fields = fields
        self.motion = motion
        self.capture = capture
        self.quality = quality
        self.videoLaVIT = videoLaVIT
    }
}

/// What ended a clip.
public enum ClipCut: String, Sendable, Hashable {
    /// The next one starts on a key frame near the four seconds.
    case keyframe
    /// Four seconds were over.
    case time
    /// A hole, a new resolution or new parameter sets.
    case gap
    /// The session ended.
    case end
}

/// Why a clip has no tokens.
public enum ClipSkipCause: String, Sendable, Hashable, CaseIterable {
    /// Under a second.
    case short
    /// No picture of it could be decoded.
    case undecodable
    /// The tokenizer had more than it could do.
    case busy
}

/// The picture that stands for a clip.
public struct KeyPicture: Sendable {
    public enum Kind: String, Sendable, Hashable {
        /// The clip's first clean codec key frame.
        case intra
        /// No key frame lies in the clip: the picture on its first tick.
        case inter
    }

    public var picture: Picture
    public var kind: Kind
    /// False where the codec's loop filter was off for it.
    public var isFiltered: Bool

    public init(picture: Picture, kind: Kind, isFiltered: Bool) {
        self.picture = picture
        self.kind = kind
        self.isFiltered = isFiltered
    }
}

/// Where a clip's vectors come from and how good they are.
public struct MotionSummary: Sendable, Hashable {
    public var source: MotionWay
    /// Share of the clip's 24 × 720 cells that are valid.
    public var coverage: Double
    /// More than one active reference or a B-pyramid: the distance a vector spans is a guess.
    public var isReferenceAmbiguous: Bool
    /// Anchor pictures a second.
    public var framesPerSecond: Double

    public init(source: MotionWay, coverage: Double, isReferenceAmbiguous: Bool, framesPerSecond: Double) {
        self.source = source
        self.coverage = coverage
        self.isReferenceAmbiguous = isReferenceAmbiguous
        self.framesPerSecond = framesPerSecond
    }
}

/// When a clip was taken.
public struct CaptureSpan: Sendable, Hashable {
    public enum Source: String, Sendable, Hashable {
        case rtcpSenderReport = "rtcp-sr"
        case arrival
    }

    public var start: UTC
    public var end: UTC
    public var source: Source
    /// Half the spread of what was measured, at least 1.
    public var errorMilliseconds: Int
    /// When the newest picture of the clip reached this process.
    public var newestArrival: UTC

    public init(start: UTC, end: UTC, source: Source, errorMilliseconds: Int, newestArrival: UTC) {
        self.start = start
        self.end = end
        self.source = source
        self.errorMilliseconds = errorMilliseconds
        self.newestArrival = newestArrival
    }
}

/// How whole a clip is.
public struct ClipQuality: Sendable, Hashable {
    /// Decoded pictures with missing or concealed parts.
    public var corruptFrames: Int
    /// Pictures known to be lost.
    public var missingFrames: Int
    /// Time stamps that had to be interpolated.
    public var interpolatedTimes: Int
    /// The clip begins after a gap or ends in one.
    public var isDiscontinuous: Bool

    public init(
        corruptFrames: Int = 0, missingFrames: Int = 0, interpolatedTimes: Int = 0, isDiscontinuous: Bool = false
    ) {
        self.corruptFrames = corruptFrames
        self.missingFrames = missingFrames
        self.interpolatedTimes = interpolatedTimes
        self.isDiscontinuous = isDiscontinuous
    }
}
