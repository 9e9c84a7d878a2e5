internal import Media

/// A picture of which nothing is told that a mask hides. Used by the thread that decodes.
final class MaskedPicture: DecodedPicture {
    private let picture: any DecodedPicture
    private let mask: PictureMask
    private lazy var vectors = picture.withVectors { $0.filter { !mask.hides($0) } }
    /// Compared with others many times.
    private lazy var luma = picture.withLuma { mask.copy($0) }

    init(_ picture: any DecodedPicture, _ mask: PictureMask) {
        self.picture = picture
        self.mask = mask
    }

    var pts: MediaTime { picture.pts }
    var unitPTS: MediaTime { picture.unitPTS }
    var type: PictureType { picture.type }
    var isKey: Bool { picture.isKey }
    var isCorrupt: Bool { picture.isCorrupt }
    var isFiltered: Bool { picture.isFiltered }
    var isRepeated: Bool { picture.isRepeated }
    var width: Int { picture.width }
    var height: Int { picture.height }

    func withVectors<Result>(_ body: (UnsafeBufferPointer<MotionVector>) throws -> Result) rethrows -> Result {
        try vectors.withUnsafeBufferPointer(body)
    }

    func withLuma<Result>(_ body: (LumaView) throws -> Result) rethrows -> Result? {
        guard mask.hidesPixels else { return try picture.withLuma(body) }
        guard let luma, let bitDepth = picture.withLuma({ $0.bitDepth }) else { return nil }
        return try luma.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            return try body(
                LumaView(
                    base: base, bytesPerRow: width * (bitDepth > 8 ? 2 : 1), width: width, height: height,
                    bitDepth: bitDepth))
        }
    }

    func makePicture() -> Picture? { blackened(picture.makePicture()) }
    func makeCodedPicture() -> Picture? { blackened(picture.makeCodedPicture()) }

    private func blackened(_ picture: Picture?) -> Picture? {
        guard var picture else { return nil }
        mask.blacken(&picture)
        return picture
    }
}
