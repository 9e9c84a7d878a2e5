/// A picture that a decoder has just given out. It stays valid as long as it is held; decoders own a limited number of
/// pictures, so hold one or two, and copy (`makePicture`) what has to live longer.
public protocol DecodedPicture {
    var pts: MediaTime { get }
    /// The time stamp of the access unit that it was decoded from; another one than `pts` where pictures were put on a grid.
    var unitPTS: MediaTime { get }
    var type: PictureType { get }
    /// Decoding may start here (IDR, recovery point reached, I-picture of MPEG-1/2/4).
    var isKey: Bool { get }
    /// Parts are missing, concealed or refer to missing pictures.
    var isCorrupt: Bool { get }
    /// The codec's loop filter was on for it (true for codecs that have none).
    var isFiltered: Bool { get }
    var width: Int { get }
    var height: Int { get }

    /// The picture's vectors in the decoder's order; empty for intra pictures. The buffer is valid inside `body` only.
    func withVectors<Result>(_ body: (UnsafeBufferPointer<MotionVector>) throws -> Result) rethrows -> Result

    /// The luma plane in place; the view is valid inside `body` only. Nil where the format has no luma plane.
    func withLuma<Result>(_ body: (LumaView) throws -> Result) rethrows -> Result?

    /// A copy of all planes. Nil where the pixel format is not planar Y′CbCr or grey.
    func makePicture() -> Picture?

    /// It shows the picture before it once more, to fill a grid of times; its vectors are no motion of the source.
    var isRepeated: Bool { get }

    /// A copy of what the decoder made of the coding that the vectors belong to; another picture than that of `makePicture` where the source
    /// was encoded anew.
    func makeCodedPicture() -> Picture?
}

extension DecodedPicture {
    public var unitPTS: MediaTime { pts }
    public var isRepeated: Bool { false }
    public func makeCodedPicture() -> Picture? { makePicture() }
}

/// A luma plane in somebody else's memory.
public struct LumaView {
    /// First sample of row y at `base + y * bytesPerRow`; one byte a sample, or two (little-endian) above 8 bits.
    public let base: UnsafeRawPointer
    public let bytesPerRow: Int
    public let width: Int
    public let height: Int
    public let bitDepth: Int

    public init(base: UnsafeRawPointer, bytesPerRow: Int, width: Int, height: Int, bitDepth: Int) {
        self.base = base
        self.bytesPerRow = bytesPerRow
        self.width = width
        self.height = height
        self.bitDepth = bitDepth
    }
}
