internal import CLibAV
internal import Media

/// One run of libavcodec's MPEG-4 Part 2 encoder with the settings of Video-LaVIT (arXiv 2402.03161): 8 Mbit/s, an I-picture
/// every 12, no B-pictures, time base 1/6; one thread, for more of them change the bits from machine to machine.
final class MPEG4Encoder {
    static let bitRate: Int64 = 8_000_000
    static let picturesPerGroup: Int32 = 12

    let width: Int32
    let height: Int32
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private var count: Int64 = 0

    /// An encoder for pictures like this one.
    /// - Throws: `DecoderError.encoder`.
    init(like frame: UnsafePointer<AVFrame>) throws {
        width = frame.pointee.width
        height = frame.pointee.height
        guard let encoder = avcodec_find_encoder_by_name("mpeg4") else {
            throw DecoderError.encoder("libavcodec on this machine has no mpeg4 encoder; install a build that has one")
        }
        var context = avcodec_alloc_context3(encoder)
        var packet = av_packet_alloc()
        do {
            guard let context, let packet else { throw DecoderError.encoder("out of memory") }
            context.pointee.width = width
            context.pointee.height = height
            context.pointee.sample_aspect_ratio = frame.pointee.sample_aspect_ratio
            context.pointee.pix_fmt = PictureConverter.format
            context.pointee.time_base = AVRational(num: 1, den: 6)
            context.pointee.framerate = AVRational(num: 6, den: 1)
            context.pointee.bit_rate = Self.bitRate
            context.pointee.gop_size = Self.picturesPerGroup
            context.pointee.max_b_frames = 0
            context.pointee.thread_count = 1
            let status = avcodec_open2(context, encoder, nil)
            guard status >= 0 else {
                throw DecoderError.encoder("\(width) × \(height) pixels: \(libavMessage(status))")
            }
            self.context = context
            self.packet = packet
        } catch {
            avcodec_free_context(&context)
            av_packet_free(&packet)
            throw error
        }
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        avcodec_free_context(&context)
        av_packet_free(&packet)
    }

    /// Codes the next picture. Without B-pictures each comes out as it goes in. The frame's time and type are overwritten.
    /// - Throws: `DecoderError.encoder`.
    func encode(_ frame: UnsafeMutablePointer<AVFrame>) throws -> (bytes: [UInt8], isKey: Bool) {
        frame.pointee.pts = count
        frame.pointee.pict_type = AV_PICTURE_TYPE_NONE
        frame.pointee.quality = 0
        count += 1
        var status = avcodec_send_frame(context, frame)
        if status >= 0 { status = avcodec_receive_packet(context, packet) }
        guard status >= 0 else { throw DecoderError.encoder(libavMessage(status)) }
        defer { av_packet_unref(packet) }
        let bytes = Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
        return (bytes, packet.pointee.flags & AV_PKT_FLAG_KEY != 0)
    }
}
