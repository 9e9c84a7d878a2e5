internal import CLibAV

/// Brings decoded pictures into the pixel format that the MPEG-4 encoder takes (8-bit Y′CbCr 4:2:0), with libswscale set as
/// the `ffmpeg` command sets it: bicubic, ranges and matrix as the picture says.
final class PictureConverter {
    static let format = AV_PIX_FMT_YUV420P

    private struct Source: Equatable {
        var width: Int32
        var height: Int32
        var format: Int32
        var isFull: Bool

        /// The range has to be known from the start: set later, it gives other roundings above 8 bits.
        func makeContext() -> OpaquePointer? {
            guard let context = sws_alloc_context() else { return nil }
            let pointer = UnsafeMutableRawPointer(context)
            let options = [
                ("srcw", width), ("srch", height), ("src_format", format), ("src_range", isFull ? 1 : 0),
                ("dstw", width), ("dsth", height), ("dst_format", PictureConverter.format.rawValue),
                ("sws_flags", SWS_BICUBIC),
            ]
            let areSet = options.allSatisfy { av_opt_set_int(pointer, $0, Int64($1), 0) >= 0 }
            if areSet, sws_init_context(context, nil, nil) >= 0 { return context }
            sws_freeContext(context)
            return nil
        }
    }

    private var context: OpaquePointer?
    private var source: Source?

    deinit { sws_freeContext(context) }

    /// The picture itself where it has that format already. The caller owns the result.
    /// - Throws: `DecoderError.encoder`.
    func convert(_ frame: UnsafePointer<AVFrame>) throws -> UnsafeMutablePointer<AVFrame> {
        if AVPixelFormat(frame.pointee.format) == Self.format {
            guard let clone = av_frame_clone(frame) else { throw DecoderError.encoder("out of memory") }
            return clone
        }
        var result = av_frame_alloc()
        do {
            guard let result else { throw DecoderError.encoder("out of memory") }
            try convert(frame, into: result)
            return result
        } catch {
            av_frame_free(&result)
            throw error
        }
    }

    private func convert(_ frame: UnsafePointer<AVFrame>, into result: UnsafeMutablePointer<AVFrame>) throws {
        try prepare(for: frame)
        result.pointee.format = Self.format.rawValue
        result.pointee.width = frame.pointee.width
        result.pointee.height = frame.pointee.height
        var status = av_frame_get_buffer(result, 0)
        if status >= 0 { status = av_frame_copy_props(result, frame) }
        if status >= 0 { status = sws_scale_frame(context, result, frame) }
        guard status >= 0 else { throw DecoderError.encoder("a picture cannot be converted: \(libavMessage(status))") }
        result.pointee.color_range = AVCOL_RANGE_MPEG
    }

    /// One context serves until size, pixel format or range change; the matrix may differ from picture to picture.
    private func prepare(for frame: UnsafePointer<AVFrame>) throws {
        let format = AVPixelFormat(frame.pointee.format)
        let isFull = frame.pointee.color_range == AVCOL_RANGE_JPEG || Self.fullRange.contains(format)
        let source = Source(
            width: frame.pointee.width, height: frame.pointee.height, format: frame.pointee.format, isFull: isFull)
        if source != self.source {
            sws_freeContext(context)
            context = source.makeContext()
            self.source = source
        }
        guard context != nil else {
            let name = av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "\(source.format)"
            throw DecoderError.encoder("pictures of the pixel format \(name) cannot be converted")
        }
        let table = sws_getCoefficients(cav_sws_matrix(frame.pointee.colorspace))
        sws_setColorspaceDetails(context, table, isFull ? 1 : 0, table, 0, 0, 1 << 16, 1 << 16)
    }

    private static let fullRange = [
        AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ411P,
    ]
}
