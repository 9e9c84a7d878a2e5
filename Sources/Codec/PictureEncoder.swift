internal import CLibAV
internal import Media

/// One of libavcodec's encoders, on the calling thread.
struct PictureEncoder: ~Copyable {
    let name: String
    let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: UnsafeMutablePointer<AVFrame>
    private let packet: UnsafeMutablePointer<AVPacket>

    /// - Parameter options: the encoder's own, by name.
    init(
        _ name: String, format: AVPixelFormat, width: Int, height: Int, options: [String: String] = [:],
        setUp: (UnsafeMutablePointer<AVCodecContext>) -> Void = { _ in }
    ) throws(EncoderError) {
        guard let codec = avcodec_find_encoder_by_name(name) else { throw .unsupported(name) }
        var context = avcodec_alloc_context3(codec)
        var frame = av_frame_alloc()
        var packet = av_packet_alloc()
        do throws(EncoderError) {
            guard let context, let frame, let packet, let width = Int32(exactly: width),
                let height = Int32(exactly: height)
            else { throw .failed(name, "out of memory") }
            context.pointee.width = width
            context.pointee.height = height
            context.pointee.pix_fmt = format
            context.pointee.time_base = AVRational(num: 1, den: 1)
            context.pointee.thread_count = 1
            setUp(context)
            for (key, value) in options { try check(av_opt_set(context.pointee.priv_data, key, value, 0), name) }
            try check(avcodec_open2(context, codec, nil), name)
            frame.pointee.width = width
            frame.pointee.height = height
            frame.pointee.format = format.rawValue
            try check(av_frame_get_buffer(frame, 0), name)
            self.name = name
            self.context = context
            self.frame = frame
            self.packet = packet
        } catch {
            avcodec_free_context(&context)
            av_frame_free(&frame)
            av_packet_free(&packet)
            throw error
        }
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        avcodec_free_context(&context)
        av_frame_free(&frame)
        av_packet_free(&packet)
    }

    /// Encodes a picture that `fill` stores into the frame, and hands out the packets that are ready.
    func encode(
        time: Int64, fill: (UnsafeMutablePointer<AVFrame>) -> Void,
        _ body: (UnsafeMutablePointer<AVPacket>) throws(EncoderError) -> Void
    ) throws(EncoderError) {
        try check(av_frame_make_writable(frame), name)
        fill(frame)
        frame.pointee.pts = time
        try check(avcodec_send_frame(context, frame), name)
        try drain(body)
    }

    /// Hands out what the encoder still holds; it takes nothing more.
    func finish(_ body: (UnsafeMutablePointer<AVPacket>) throws(EncoderError) -> Void) throws(EncoderError) {
        try check(avcodec_send_frame(context, nil), name)
        try drain(body)
    }

    private func drain(
        _ body: (UnsafeMutablePointer<AVPacket>) throws(EncoderError) -> Void
    ) throws(EncoderError) {
        while true {
            let status = avcodec_receive_packet(context, packet)
            if status == cav_eagain || status == cav_eof { return }
            try check(status, name)
            defer { av_packet_unref(packet) }
            try body(packet)
        }
    }
}

/// Throws libav's words for a status below 0.
func check(_ status: Int32, _ name: String) throws(EncoderError) {
    guard status >= 0 else { throw .failed(name, libavMessage(status)) }
}
