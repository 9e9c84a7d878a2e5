/// A block's motion vector as libavcodec exports it; same memory layout as its `AVMotionVector`.
///
/// The block of `width` × `height` pixels centred on (`destinationX`, `destinationY`) is predicted from the place
/// `motionX / motionScale`, `motionY / motionScale` pixels away: the content moved by the negative of that.
@frozen
public struct MotionVector: BitwiseCopyable, Sendable, Hashable {
    /// Negative: from a past picture; positive: from a future one. Only the sign means anything.
    public var source: Int32
    public var width: UInt8
    public var height: UInt8
    /// The source position in whole pixels (truncated; use `motionX` for the exact vector).
    public var sourceX: Int16
    public var sourceY: Int16
    public var destinationX: Int16
    public var destinationY: Int16
    public var flags: UInt64
    public var motionX: Int32
    public var motionY: Int32
    public var motionScale: UInt16

    public init(
        source: Int32, width: UInt8, height: UInt8, sourceX: Int16, sourceY: Int16, destinationX: Int16,
        destinationY: Int16, flags: UInt64 = 0, motionX: Int32, motionY: Int32, motionScale: UInt16
    ) {
        self.source = source
        self.width = width
        self.height = height
        self.sourceX = sourceX
        self.sourceY = sourceY
        self.destinationX = destinationX
        self.destinationY = destinationY
        self.flags = flags
        self.motionX = motionX
        self.motionY = motionY
        self.motionScale = motionScale
    }
}
