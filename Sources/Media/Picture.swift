/// The matrix that relates a picture's Y′CbCr to R′G′B′ (ITU-T H.273, MatrixCoefficients).
public enum ColourMatrix: Sendable, Hashable {
    case bt601, bt709, bt2020
}

/// A decoded picture: planar Y′CbCr, or grey.
public struct Picture: Sendable, Hashable {
    /// One component, rows top to bottom without padding. Samples are one byte, or two (little-endian) above 8 bits.
    public struct Plane: Sendable, Hashable {
        public var width: Int
        public var height: Int
        public var bytes: [UInt8]

        public init(width: Int, height: Int, bytes: [UInt8]) {
            self.width = width
            self.height = height
            self.bytes = bytes
        }
    }

    public var pts: MediaTime
    public var type: PictureType
    public var width: Int
    public var height: Int
    /// Bits a sample, 8 to 16.
    public var bitDepth: Int
    public var matrix: ColourMatrix
    /// Samples use the whole range (0…255 at 8 bits), not 16…235/240.
    public var isFullRange: Bool
    /// Y′, Cb, Cr; or Y′ alone. Chroma planes may be smaller (4:2:0, 4:2:2).
    public var planes: [Plane]

    public init(
        pts: MediaTime, type: PictureType, width: Int, height: Int, bitDepth: Int = 8, matrix: ColourMatrix,
        isFullRange: Bool, planes: [Plane]
    ) {
        self.pts = pts
        self.type = type
        self.width = width
        self.height = height
        self.bitDepth = bitDepth
        self.matrix = matrix
        self.isFullRange = isFullRange
        self.planes = planes
    }
}
