internal import CLibAV
public import Media

/// Encodes decoded pictures as JPEG files (JFIF: BT.601's matrix, full range; chroma 4:2:0).
public enum JPEGEncoder {
    /// Pictures of more than this a side cannot be written (ITU-T T.81 §B.2.2).
    public static let maximumSide = 65_535

    /// Thread-safe; takes some milliseconds.
    ///
    /// - Parameters:
    ///   - picture: of any bit depth, range, matrix and chroma layout, or grey.
    ///   - longSide: the result's longer side at most; smaller pictures keep their size.
    ///   - quality: 1…100, nearly libjpeg's scale; 80 is good for looking at.
    /// - Returns: the bytes of a file, and its size in pixels.
    public static func encode(
        _ picture: Picture, longSide: Int, quality: Int
    ) throws(EncoderError) -> (bytes: [UInt8], width: Int, height: Int) {
        let limit = min(max(longSide, 1), maximumSide)
        let (width, height) = picture.fitted(longSide: limit)
        let rgb = try RGBConverter.convert(picture, width: width, height: height)
        return (try encode(rgb, quality: quality), width, height)
    }

    /// Thread-safe.
    ///
    /// - Parameters:
    ///   - picture: of at most `maximumSide` a side.
    ///   - quality: as above.
    public static func encode(_ picture: RGBPicture, quality: Int) throws(EncoderError) -> [UInt8] {
        av_log_set_level(AV_LOG_QUIET)
        let scale = FF_QP2LAMBDA * step(quality: quality)
        let encoder = try PictureEncoder(
            "mjpeg", format: AV_PIX_FMT_YUVJ420P, width: picture.width, height: picture.height
        ) { context in
            // Without the encoder's name in a comment.
            context.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
            context.pointee.global_quality = scale
            context.pointee.color_range = AVCOL_RANGE_JPEG
        }
        var bytes: [UInt8] = []
        try encoder.encode(time: 0) { frame in
            frame.pointee.quality = scale
            YCbCrConversion.store(picture, range: .full, into: frame)
        } _: { packet in
            bytes += UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size))
        }
        return bytes
    }

    /// libavcodec scales MPEG's intra matrix by step/8 where libjpeg scales the tables of T.81 Annex K by its percentage. At equal
    /// means of the luma tables the step is 15 times that share.
    private static func step(quality: Int) -> Int32 {
        let quality = min(max(quality, 1), 100)
        let percent = quality < 50 ? 5_000 / quality : 200 - 2 * quality
        return Int32(min(max((15 * percent + 50) / 100, 2), 31))
    }
}
