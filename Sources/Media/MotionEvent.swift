/// Something that the motion and the brightness of a stream show.
public struct MotionEvent: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        // Of a region that moves.
        case enter, leave, stop, start, turn
        // Of the whole picture.
        case cut
        case lightOn = "light-on"
        case lightOff = "light-off"
        // Of the camera; `cameraEnd` when it is still again.
        case pan, tilt, zoom, shake
        case cameraEnd = "camera-end"
    }

    public var kind: Kind
    /// When it began, as far as that could be seen afterwards.
    public var start: MediaTime
    /// When it was certain enough to be told; `start` lies before.
    public var known: MediaTime
    /// The region it happened to; nil for the whole picture.
    public var region: MovingRegion?
    /// Of camera events: how the picture's content moves, in widths (x, rightwards) and heights (y, downwards) a second. The camera turns
    /// the other way.
    public var contentVelocity: SIMD2<Double>?
    /// Of `zoom`: how much the content grows a second; below 0 where it shrinks.
    public var growth: Double?
    /// The side of the picture that a region came from or left by.
    public var side: PictureSide?
    /// The picture is too plain to tell a moving camera from a moving thing.
    public var isUncertain: Bool

    public init(
        kind: Kind, start: MediaTime, known: MediaTime, region: MovingRegion? = nil,
        contentVelocity: SIMD2<Double>? = nil, growth: Double? = nil, side: PictureSide? = nil,
        isUncertain: Bool = false
    ) {
        self.kind = kind
        self.start = start
        self.known = known
        self.region = region
        self.contentVelocity = contentVelocity
        self.growth = growth
        self.side = side
        self.isUncertain = isUncertain
    }
}

/// A side of the picture.
public enum PictureSide: String, Sendable, Hashable, CaseIterable {
    case left, right, top, bottom
}

/// A part of the picture that moves, or did until a short while ago, followed from field to field.
public struct MovingRegion: Sendable, Hashable {
    /// Counts the regions of a session from 1.
    public var id: Int
    public var box: PictureRectangle
    /// In widths and heights a second; (0, 0) while it stands.
    public var velocity: SIMD2<Double>
    /// When it was first seen to move.
    public var since: MediaTime

    public init(id: Int, box: PictureRectangle, velocity: SIMD2<Double>, since: MediaTime) {
        self.id = id
        self.box = box
        self.velocity = velocity
        self.since = since
    }
}

/// What moves at a moment.
public struct MotionScene: Sendable, Hashable {
    /// The end of the field that it was seen in.
    public var time: MediaTime
    /// Those that are certain, the largest first, standing ones included while they are remembered.
    public var regions: [MovingRegion]
    /// How the picture's content moves while the camera does; nil while it stands.
    public var contentVelocity: SIMD2<Double>?
    /// Share of the cells that move on their own, 0…1.
    public var activity: Double

    public init(
        time: MediaTime, regions: [MovingRegion] = [], contentVelocity: SIMD2<Double>? = nil, activity: Double = 0
    ) {
        self.time = time
        self.regions = regions
        self.contentVelocity = contentVelocity
        self.activity = activity
    }
}
