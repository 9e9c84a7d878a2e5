internal import CLibAV
internal import Media

/// A picture in libavcodec's memory; gives it back when nobody holds it any more.
final class LibAVPicture: DecodedPicture {
    let frame: UnsafeMutablePointer<AVFrame>

    /// Takes over the frame: the caller uses it no more.
    init(owning frame: UnsafeMutablePointer<AVFrame>) {
        self.frame = frame
    }

    /// A picture whose samples are still to be written.
    /// - Throws: `EncoderError.failed`.
    init(width: Int, height: Int, format: AVPixelFormat) throws(EncoderError) {
        guard let frame = av_frame_alloc() else { throw .failed("libavutil", "out of memory") }
        self.frame = frame
        frame.pointee.format = format.rawValue
        frame.pointee.width = Int32(clamping: width)
        frame.pointee.height = Int32(clamping: height)
        try check(av_frame_get_buffer(frame, 0), "libavutil")
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    var pts: MediaTime {
        // The packet's own time; a guess only where the decoder lost it.
        let pts = frame.pointee.pts
        return MediaTime(units: pts != cav_no_pts ? pts : frame.pointee.best_effort_timestamp)
    }

    var type: PictureType {
        switch frame.pointee.pict_type {
        case AV_PICTURE_TYPE_I, AV_PICTURE_TYPE_SI: .intra
        case AV_PICTURE_TYPE_P, AV_PICTURE_TYPE_SP, AV_PICTURE_TYPE_S: .predicted
        case AV_PICTURE_TYPE_B, AV_PICTURE_TYPE_BI: .bidirectional
        default: .unknown
        }
    }

    var isKey: Bool { frame.pointee.key_frame != 0 }

    var isCorrupt: Bool {
        frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || frame.pointee.decode_error_flags != 0
    }

    var isFiltered: Bool { frame.pointee.reordered_opaque != 0 }
    var width: Int { Int(frame.pointee.width) }
    var height: Int { Int(frame.pointee.height) }

    func withVectors<Result>(_ body: (UnsafeBufferPointer<MotionVector>) throws -> Result) rethrows -> Result {
        guard let data = av_frame_get_side_data(frame, AV_FRAME_DATA_MOTION_VECTORS) else {
            return try body(UnsafeBufferPointer(start: nil, count: 0))
        }
        let bytes = UnsafeRawBufferPointer(start: data.pointee.data, count: data.pointee.size)
        return try body(bytes.bindMemory(to: MotionVector.self))
    }

    func withLuma<Result>(_ body: (LumaView) throws -> Result) rethrows -> Result? {
        guard let layout = PlaneLayout(frame), let base = frame.pointee.data.0 else { return nil }
        return try body(
            LumaView(
                base: UnsafeRawPointer(base), bytesPerRow: Int(frame.pointee.linesize.0), width: width, height: height,
                bitDepth: layout.bitDepth))
    }

    func makePicture() -> Picture? {
        guard let layout = PlaneLayout(frame), let planes = layout.copyPlanes(of: frame) else { return nil }
        return Picture(
            pts: pts, type: type, width: width, height: height, bitDepth: layout.bitDepth, matrix: matrix,
            isFullRange: isFullRange, planes: planes)
    }

    /// Unnamed matrices follow the usual rule of players: BT.709 from 720 rows on.
    private var matrix: ColourMatrix {
        switch frame.pointee.colorspace {
        case AVCOL_SPC_BT709: .bt709
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: .bt2020
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M, AVCOL_SPC_FCC: .bt601
        default: height >= 720 ? .bt709 : .bt601
        }
    }

    private var isFullRange: Bool {
        if frame.pointee.color_range == AVCOL_RANGE_JPEG { return true }
        switch AVPixelFormat(frame.pointee.format) {
        case AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ411P:
            return true
        default: return false
        }
    }
}

/// How a planar Y′CbCr or grey picture lies in memory.
private struct PlaneLayout {
    let bitDepth: Int
    let planes: Int
    private let chromaShift: (x: Int, y: Int)

    /// Nil for anything else: packed, semi-planar, RGB, big-endian, hardware surfaces.
    init?(_ frame: UnsafePointer<AVFrame>) {
        guard let format = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format))?.pointee else { return nil }
        let unwanted =
            cav_pix_fmt_flag_rgb | cav_pix_fmt_flag_be | cav_pix_fmt_flag_float | cav_pix_fmt_flag_not_planes
        let bytesPerSample = format.comp.0.depth > 8 ? 2 : 1
        guard format.flags & unwanted == 0, format.comp.0.plane == 0, Int(format.comp.0.step) == bytesPerSample,
            (8...16).contains(format.comp.0.depth), format.comp.0.shift == 0
        else { return nil }
        let isGrey = format.nb_components < 3
        guard isGrey || (format.comp.1.plane == 1 && format.comp.2.plane == 2) else { return nil }
        bitDepth = Int(format.comp.0.depth)
        planes = isGrey ? 1 : 3
        chromaShift = (Int(format.log2_chroma_w), Int(format.log2_chroma_h))
    }

    func copyPlanes(of frame: UnsafePointer<AVFrame>) -> [Picture.Plane]? {
        let sources = [
            (frame.pointee.data.0, frame.pointee.linesize.0), (frame.pointee.data.1, frame.pointee.linesize.1),
            (frame.pointee.data.2, frame.pointee.linesize.2),
        ]
        var result: [Picture.Plane] = []
        for (index, (base, stride)) in sources.prefix(planes).enumerated() {
            guard let base else { return nil }
            let shift = index == 0 ? (x: 0, y: 0) : chromaShift
            let width = (Int(frame.pointee.width) + (1 << shift.x) - 1) >> shift.x
            let height = (Int(frame.pointee.height) + (1 << shift.y) - 1) >> shift.y
            result.append(copyPlane(base, stride: Int(stride), width: width, height: height))
        }
        return result
    }

    private func copyPlane(_ base: UnsafePointer<UInt8>, stride: Int, width: Int, height: Int) -> Picture.Plane {
        let row = bitDepth > 8 ? width * 2 : width
        let bytes = [UInt8](unsafeUninitializedCapacity: row * height) { buffer, count in
            if let target = buffer.baseAddress {
                for y in 0..<height {
                    (target + y * row).update(from: base + y * stride, count: row)
                }
            }
            count = row * height
        }
        return Picture.Plane(width: width, height: height, bytes: bytes)
    }
}
