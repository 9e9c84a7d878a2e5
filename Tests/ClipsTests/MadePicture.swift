import Media

/// A picture without a codec: one vector for all its blocks, one grey for all its pixels.
final class MadePicture: DecodedPicture {
    static let width = 72
    static let height = 40

    let pts: MediaTime
    let type: PictureType
    let isKey: Bool
    let isCorrupt: Bool
    let isFiltered: Bool
    let width: Int
    let height: Int
    private let grey: UInt8
    private let vectors: [MotionVector]

    init(
        pts: MediaTime, type: PictureType, isKey: Bool = false, isCorrupt: Bool = false, isFiltered: Bool = true,
        grey: UInt8 = 128, width: Int = MadePicture.width, height: Int = MadePicture.height,
        vectors: [MotionVector] = []
    ) {
        self.pts = pts
        self.type = type
        self.isKey = isKey
        self.isCorrupt = isCorrupt
        self.isFiltered = isFiltered
        self.grey = grey
        self.width = width
        self.height = height
        self.vectors = vectors
    }

    func withVectors<Result>(_ body: (UnsafeBufferPointer<MotionVector>) throws -> Result) rethrows -> Result {
        try vectors.withUnsafeBufferPointer(body)
    }

    func withLuma<Result>(_ body: (LumaView) throws -> Result) rethrows -> Result? {
        try Array(repeating: grey, count: width * height).withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            return try body(LumaView(base: base, bytesPerRow: width, width: width, height: height, bitDepth: 8))
        }
    }

    func makePicture() -> Picture? {
        let plane = Picture.Plane(
            width: width, height: height, bytes: Array(repeating: grey, count: width * height))
        return Picture(
            pts: pts, type: type, width: width, height: height, matrix: .bt601, isFullRange: false, planes: [plane])
    }
}

extension MotionVector {
    /// A block by its upper left corner. The vector is that of the content's motion in quarter pixels.
    static func block(
        x: Int = 0, y: Int = 0, width: Int = MadePicture.width, height: Int = MadePicture.height,
        motion: (x: Int32, y: Int32), source: Int32 = -1, scale: UInt16 = 4
    ) -> Self {
        Self(
            source: source, width: UInt8(width), height: UInt8(height), sourceX: 0, sourceY: 0,
            destinationX: Int16(x + width / 2), destinationY: Int16(y + height / 2), motionX: -motion.x,
            motionY: -motion.y, motionScale: scale)
    }
}
