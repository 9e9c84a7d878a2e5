internal import CLibAV
public import Media

/// Decodes access units and exports their motion vectors in the same pass, with libavcodec on the calling thread.
///
/// Pictures come out in display order, each with the PTS of its access unit. Damaged data is not fatal: `decode` throws for
/// that unit and goes on with the next.
public struct VideoDecoder: ~Copyable {
    /// Non-reference pictures are not decoded and not given out: motion fields come from anchor pictures alone.
    public var skipsNonReference: Bool
    /// The loop filter works on all pictures, not on key pictures only. Without it decoding is much faster and gives the very
    /// same vectors, but pixels drift until the next key picture.
    public var filtersNonKey: Bool

    private let codec: VideoCodec
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private var frame: UnsafeMutablePointer<AVFrame>
    /// A picture since the last key picture went without its loop filter: what refers to it is not exact either.
    private var drifts = false

    /// - Throws: `DecoderError.unsupported` or `.setup`.
    public init(codec: VideoCodec, skipsNonReference: Bool = true, filtersNonKey: Bool = true) throws {
        av_log_set_level(AV_LOG_QUIET)
        guard let decoder = avcodec_find_decoder(codec.libavID) else { throw DecoderError.unsupported(codec) }
        var context = avcodec_alloc_context3(decoder)
        var packet = av_packet_alloc()
        var frame = av_frame_alloc()
        do {
            guard let context, let packet, let frame else { throw DecoderError.setup(codec, "out of memory") }
            context.pointee.thread_count = 1
            context.pointee.flags2 |= AV_CODEC_FLAG2_EXPORT_MVS
            context.pointee.pkt_timebase = AVRational(num: 1, den: Int32(MediaTime.unitsPerSecond))
            let status = avcodec_open2(context, decoder, nil)
            guard status >= 0 else { throw DecoderError.setup(codec, libavMessage(status)) }
            self.codec = codec
            self.context = context
            self.packet = packet
            self.frame = frame
        } catch {
            avcodec_free_context(&context)
            av_packet_free(&packet)
            av_frame_free(&frame)
            throw error
        }
        self.skipsNonReference = skipsNonReference
        self.filtersNonKey = filtersNonKey
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        avcodec_free_context(&context)
        av_packet_free(&packet)
        av_frame_free(&frame)
    }

    /// Decodes one unit and hands out the pictures that are due, which are usually older ones.
    /// - Throws: `DecoderError.refused`, after all pictures that are due were handed out; or what `body` throws.
    public mutating func decode(_ unit: AccessUnit, _ body: (any DecodedPicture) throws -> Void) throws {
        let runsFilter = filtersNonKey || unit.traits.isKey || !codec.hasSkippableLoopFilter
        if unit.traits.isKey, unit.traits.recoveryCount == 0 { drifts = false }
        if !runsFilter, unit.traits.isReference { drifts = true }
        context.pointee.skip_frame = skipsNonReference ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
        context.pointee.skip_loop_filter = runsFilter ? AVDISCARD_DEFAULT : AVDISCARD_ALL
        // Comes back on the frame: what holds for a picture must be known when it is given out, units later.
        context.pointee.reordered_opaque = runsFilter && !drifts ? 1 : 0
        var status = try send(unit, body)
        let received = try receive(body)
        if status >= 0 { status = received }
        guard status >= 0 else { throw DecoderError.refused(unit.pts, libavMessage(status)) }
    }

    /// Hands out the pictures that the decoder still holds: at the end of a session, before a gap or a new format. The decoder
    /// is as new afterwards and wants a key picture next.
    public mutating func flush(_ body: (any DecodedPicture) throws -> Void) throws {
        defer { reset() }
        _ = avcodec_send_packet(context, nil)
        _ = try receive(body)
    }

    /// Forgets everything that came before; the next unit has to be a key picture.
    public mutating func reset() {
        avcodec_flush_buffers(context)
    }

    /// The packet points at the unit's own bytes: libavcodec copies them, with its padding, because no buffer owns them.
    private mutating func send(_ unit: AccessUnit, _ body: (any DecodedPicture) throws -> Void) throws -> Int32 {
        try unit.bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, let size = Int32(exactly: bytes.count), size > 0 else {
                return cav_invalid_data
            }
            packet.pointee.data = UnsafeMutablePointer(mutating: base)
            packet.pointee.size = size
            packet.pointee.pts = unit.pts.units
            packet.pointee.dts = cav_no_pts
            packet.pointee.flags = unit.traits.isKey ? AV_PKT_FLAG_KEY : 0
            defer { av_packet_unref(packet) }
            let status = avcodec_send_packet(context, packet)
            guard status == cav_eagain else { return status }
            let received = try receive(body)
            return received < 0 ? received : avcodec_send_packet(context, packet)
        }
    }

    /// Hands out what is ready. The result is 0, or the error that one of the pictures met.
    private mutating func receive(_ body: (any DecodedPicture) throws -> Void) throws -> Int32 {
        while true {
            let status = avcodec_receive_frame(context, frame)
            if status == cav_eagain || status == cav_eof { return 0 }
            guard status >= 0 else { return status }
            guard let next = av_frame_alloc() else {
                av_frame_unref(frame)
                throw DecoderError.setup(codec, "out of memory")
            }
            let picture = LibAVPicture(owning: frame)
            frame = next
            try body(picture)
        }
    }
}

/// libavcodec's words for an error code.
func libavMessage(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(AV_ERROR_MAX_STRING_SIZE)) { text in
        text.initialize(repeating: 0)
        guard let base = text.baseAddress, av_strerror(code, base, text.count) >= 0 else { return "error \(code)" }
        return String(cString: base)
    }
}

extension VideoCodec {
    /// Whether libavcodec can leave the codec's loop filter out.
    fileprivate var hasSkippableLoopFilter: Bool {
        switch self {
        case .h264, .h265, .vp8, .vp9: true
        case .mpeg1, .mpeg2, .mpeg4, .av1, .mjpeg: false
        }
    }

    fileprivate var libavID: AVCodecID {
        switch self {
        case .h264: AV_CODEC_ID_H264
        case .h265: AV_CODEC_ID_HEVC
        case .mpeg1: AV_CODEC_ID_MPEG1VIDEO
        case .mpeg2: AV_CODEC_ID_MPEG2VIDEO
        case .mpeg4: AV_CODEC_ID_MPEG4
        case .vp8: AV_CODEC_ID_VP8
        case .vp9: AV_CODEC_ID_VP9
        case .av1: AV_CODEC_ID_AV1
        case .mjpeg: AV_CODEC_ID_MJPEG
        }
    }
}
