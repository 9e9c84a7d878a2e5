internal import CLibAV
public import Media

/// Encodes pictures of one size as PNG files (8 bits a channel, no alpha).
public struct PNGEncoder: ~Copyable {
    private let encoder: PictureEncoder
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) throws(EncoderError) {
        av_log_set_level(AV_LOG_QUIET)
        encoder = try PictureEncoder(
            "png", format: AV_PIX_FMT_RGB24, width: width, height: height, options: ["pred": "paeth"])
        self.width = width
        self.height = height
    }

    /// - Returns: the bytes of a file.
    public func encode(_ picture: RGBPicture) throws(EncoderError) -> [UInt8] {
        precondition(picture.width == width && picture.height == height, "the encoder was made for another size")
        var bytes: [UInt8] = []
        try encoder.encode(time: 0) { frame in
            let stride = Int(frame.pointee.linesize.0)
            guard let target = frame.pointee.data.0 else { return }
            picture.rgb.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    guard let line = source.baseAddress else { return }
                    (target + y * stride).update(from: line + 3 * y * width, count: 3 * width)
                }
            }
        } _: { packet in
            bytes += UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size))
        }
        return bytes
    }
}
