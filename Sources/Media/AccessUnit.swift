/// What the bit stream says of a coded picture without decoding it; see `Bitstream.PictureScanner`.
public struct PictureTraits: Sendable, Hashable {
    /// Decoding may start here: an IDR picture, a recovery point, an I-picture of MPEG-1/2/4.
    public var isKey: Bool
    /// Pictures to decode from this key picture on until output is right (H.264 recovery_frame_cnt); 0 for IDR.
    public var recoveryCount: Int
    /// Other pictures may refer to it; only a non-reference picture can be left out without harm.
    public var isReference: Bool
    public var type: PictureType
    /// Its parameter sets differ from those in force before it (false on the first ones of a session).
    public var changesParameters: Bool
    /// Active list 0 references of its slices (maximum); 0 where unknown or intra.
    public var activeReferences: Int

    public init(
        isKey: Bool = false, recoveryCount: Int = 0, isReference: Bool = true, type: PictureType = .unknown,
        changesParameters: Bool = false, activeReferences: Int = 0
    ) {
        self.isKey = isKey
        self.recoveryCount = recoveryCount
        self.isReference = isReference
        self.type = type
        self.changesParameters = changesParameters
        self.activeReferences = activeReferences
    }
}

/// One coded picture as the pipeline delivers it, in decoding order.
public struct AccessUnit: Sendable {
    /// The whole picture: H.264 as byte stream with start codes, the other codecs as their parsers frame them.
    public var bytes: [UInt8]
    public var pts: MediaTime
    /// The source gave no time stamp; `pts` was worked out from the neighbours.
    public var isInterpolated: Bool
    public var traits: PictureTraits
    /// When the picture was taken by the sender's clock, from RTCP sender reports; nil until one has come, and for files.
    public var senderUTC: UTC?
    /// When it reached this process; nil for files, whose reading time means nothing.
    public var arrival: UTC?

    public init(
        bytes: [UInt8], pts: MediaTime, isInterpolated: Bool = false, traits: PictureTraits, senderUTC: UTC? = nil,
        arrival: UTC? = nil
    ) {
        self.bytes = bytes
        self.pts = pts
        self.isInterpolated = isInterpolated
        self.traits = traits
        self.senderUTC = senderUTC
        self.arrival = arrival
    }
}

/// Why pictures are missing from a stream.
public enum GapCause: String, Sendable, Hashable {
    /// Lost between the sender and here.
    case network
    /// Came damaged.
    case corrupt
    /// The decoder refused them.
    case decoder
    /// This machine could not keep up.
    case overload
    /// The source left a hole in its time stamps.
    case source
    /// The source changed its resolution or its parameter sets.
    case format
}

/// What capture hands to the rest, in order. A session is one connection to a source, or one reading of a file.
public enum CaptureItem: Sendable {
    /// A new session begins; the next item is its format.
    case session
    /// The format of the units that follow; repeated when it changes.
    case format(VideoFormat)
    case unit(AccessUnit)
    /// `count` pictures before the next unit are missing (0 where the number is not known); the next unit is a key picture.
    case loss(count: Int, cause: GapCause)
    /// The session is over: end of file, or the connection is gone.
    case endOfSession
}
