internal import CLibAV
internal import Media

/// A stream's masks at one size of its pictures.
struct PictureMask {
    let width: Int
    let height: Int
    /// To be black.
    private let privacy: [PixelRectangle]
    /// Vectors of blocks that overlap these count for nothing.
    private let areas: [PixelRectangle]

    init(_ masks: PictureMasks, width: Int, height: Int) {
        self.width = width
        self.height = height
        privacy = masks.privatePixels(width: width, height: height)
        areas = privacy + masks.ignoredPixels(width: width, height: height)
    }

    var hidesPixels: Bool { !privacy.isEmpty }

    func hides(_ vector: MotionVector) -> Bool {
        let left = Int(vector.destinationX) - Int(vector.width >> 1)
        let top = Int(vector.destinationY) - Int(vector.height >> 1)
        return areas.contains {
            $0.x.lowerBound < left + Int(vector.width) && $0.x.upperBound > left
                && $0.y.lowerBound < top + Int(vector.height) && $0.y.upperBound > top
        }
    }

    /// Makes the hidden part of a picture black.
    func blacken(_ picture: inout Picture) {
        guard hidesPixels else { return }
        let levels = BlackLevels(bitDepth: picture.bitDepth, isFullRange: picture.isFullRange)
        for index in picture.planes.indices {
            let (planeWidth, planeHeight) = (picture.planes[index].width, picture.planes[index].height)
            let size = picture.bitDepth > 8 ? 2 : 1
            picture.planes[index].bytes.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress, bytes.count == planeWidth * planeHeight * size else { return }
                fill(
                    base, bytesPerRow: planeWidth * size, width: planeWidth, height: planeHeight,
                    level: levels.level(ofPlane: index), isWide: size == 2)
            }
        }
    }

    /// The same for a frame of 8-bit Y′CbCr 4:2:0 of limited range.
    /// - Throws: `DecoderError.encoder`.
    func blacken(_ frame: UnsafeMutablePointer<AVFrame>) throws {
        guard hidesPixels else { return }
        let status = av_frame_make_writable(frame)
        guard status >= 0 else { throw DecoderError.encoder("a picture cannot be masked: \(libavMessage(status))") }
        let levels = BlackLevels(bitDepth: 8, isFullRange: false)
        let planes = [
            (frame.pointee.data.0, frame.pointee.linesize.0), (frame.pointee.data.1, frame.pointee.linesize.1),
            (frame.pointee.data.2, frame.pointee.linesize.2),
        ]
        for (index, (base, stride)) in planes.enumerated() {
            guard let base else { continue }
            fill(
                UnsafeMutableRawPointer(base), bytesPerRow: Int(stride), width: index == 0 ? width : (width + 1) / 2,
                height: index == 0 ? height : (height + 1) / 2, level: levels.level(ofPlane: index), isWide: false)
        }
    }

    /// A copy of a luma plane, black where it is hidden.
    func copy(_ view: LumaView) -> [UInt8] {
        let size = view.bitDepth > 8 ? 2 : 1
        let row = view.width * size
        return [UInt8](unsafeUninitializedCapacity: row * view.height) { bytes, count in
            guard let base = UnsafeMutableRawPointer(bytes.baseAddress) else { return }
            for y in 0..<view.height {
                (base + y * row).copyMemory(from: view.base + y * view.bytesPerRow, byteCount: row)
            }
            let level = BlackLevels(bitDepth: view.bitDepth, isFullRange: false).level(ofPlane: 0)
            fill(base, bytesPerRow: row, width: view.width, height: view.height, level: level, isWide: size == 2)
            count = row * view.height
        }
    }

    /// - Parameters:
    ///   - width, height: of the plane, which may be smaller than the picture.
    private func fill(
        _ base: UnsafeMutableRawPointer, bytesPerRow: Int, width: Int, height: Int, level: Int, isWide: Bool
    ) {
        for area in privacy {
            let columns = Self.scaled(area.x, from: self.width, to: width)
            for y in Self.scaled(area.y, from: self.height, to: height) {
                let line = base + y * bytesPerRow
                if isWide {
                    for x in columns {
                        line.storeBytes(of: UInt16(level).littleEndian, toByteOffset: 2 * x, as: UInt16.self)
                    }
                } else {
                    for x in columns { line.storeBytes(of: UInt8(level), toByteOffset: x, as: UInt8.self) }
                }
            }
        }
    }

    /// All samples of a smaller plane that stand for a pixel of the range.
    private static func scaled(_ range: Range<Int>, from length: Int, to smaller: Int) -> Range<Int> {
        guard let shift = (0...2).first(where: { (length + (1 << $0) - 1) >> $0 == smaller }) else {
            // Nothing is known of how they belong together: all of it may be hidden.
            return 0..<max(smaller, 0)
        }
        return range.lowerBound >> shift..<min((range.upperBound + (1 << shift) - 1) >> shift, smaller)
    }
}

/// Black in the samples of a picture: ITU-T H.273 §8.3.
private struct BlackLevels {
    let bitDepth: Int
    let isFullRange: Bool

    func level(ofPlane plane: Int) -> Int {
        if plane > 0 { return 128 << (bitDepth - 8) }
        return isFullRange ? 0 : 16 << (bitDepth - 8)
    }
}

/// Puts a stream's masks on its pictures, whatever their size. Used by the thread that decodes.
final class PictureMasker {
    private let masks: PictureMasks
    private var mask: PictureMask?

    /// Nil where nothing is masked.
    init?(_ masks: PictureMasks) {
        guard !masks.isEmpty else { return nil }
        self.masks = masks
    }

    func mask(width: Int, height: Int) -> PictureMask {
        if let mask, mask.width == width, mask.height == height { return mask }
        let mask = PictureMask(masks, width: width, height: height)
        self.mask = mask
        return mask
    }

    func masked(_ picture: any DecodedPicture) -> any DecodedPicture {
        MaskedPicture(picture, mask(width: picture.width, height: picture.height))
    }
}
