internal import CLibAV
public import Media

/// Writes pictures of one size as an MP4 file of H.264 (x264), on the disk or in memory, at a steady rate. The same pictures give the same file.
public struct MovieWriter: ~Copyable {
    private let encoder: PictureEncoder
    private let muxer: UnsafeMutablePointer<AVFormatContext>
    /// Nil: in memory.
    private let path: String?
    private let width: Int
    private let height: Int
    private let timeBase: AVRational
    private var count: Int64 = 0

    /// Creates or empties the file.
    ///
    /// - Parameters:
    ///   - path: nil: the file is made in memory, and `finish` gives it.
    ///   - width, height: even.
    ///   - rate: pictures a second.
    public init(path: String?, width: Int, height: Int, rate: Int) throws(EncoderError) {
        precondition(width % 2 == 0 && height % 2 == 0, "4:2:0 needs even sides")
        av_log_set_level(AV_LOG_QUIET)
        let timeBase = AVRational(num: 1, den: Int32(rate))
        let encoder = try PictureEncoder(
            "libx264", format: AV_PIX_FMT_YUV420P, width: width, height: height,
            options: ["preset": "veryfast", "crf": "20"]
        ) { context in
            context.pointee.time_base = timeBase
            context.pointee.framerate = AVRational(num: Int32(rate), den: 1)
            context.pointee.gop_size = Int32(4 * rate)
            context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
            context.pointee.colorspace = AVCOL_SPC_SMPTE170M
            context.pointee.color_range = AVCOL_RANGE_MPEG
        }
        muxer = try Self.open(path, encoder)
        self.encoder = encoder
        self.path = path
        self.width = width
        self.height = height
        self.timeBase = timeBase
    }

    private static func open(
        _ path: String?, _ encoder: borrowing PictureEncoder
    ) throws(EncoderError) -> UnsafeMutablePointer<AVFormatContext> {
        var muxer: UnsafeMutablePointer<AVFormatContext>?
        try check(avformat_alloc_output_context2(&muxer, nil, "mp4", nil), "mp4")
        guard let muxer, let stream = avformat_new_stream(muxer, nil) else { throw .failed("mp4", "out of memory") }
        do throws(EncoderError) {
            muxer.pointee.flags |= AVFMT_FLAG_BITEXACT
            stream.pointee.time_base = encoder.context.pointee.time_base
            try check(avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context), "mp4")
            if let path {
                // "file:" keeps libavformat from taking a path for a network address.
                try checkOutput(avio_open(&muxer.pointee.pb, "file:" + path, AVIO_FLAG_WRITE), path)
            } else {
                try checkOutput(avio_open_dyn_buf(&muxer.pointee.pb), path)
            }
            try checkOutput(avformat_write_header(muxer, nil), path)
            return muxer
        } catch {
            close(muxer, path)
            throw error
        }
    }

    private static func close(_ muxer: UnsafeMutablePointer<AVFormatContext>, _ path: String?) {
        if path == nil { _ = takeBytes(muxer) }
        if muxer.pointee.pb != nil { avio_closep(&muxer.pointee.pb) }
        avformat_free_context(muxer)
    }

    /// Of a file in memory: what has been written, after which there is no output any more.
    private static func takeBytes(_ muxer: UnsafeMutablePointer<AVFormatContext>) -> [UInt8] {
        guard let output = muxer.pointee.pb else { return [] }
        muxer.pointee.pb = nil
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = avio_close_dyn_buf(output, &bytes)
        defer { av_free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    deinit {
        Self.close(muxer, path)
    }

    /// Appends a picture.
    public mutating func append(_ picture: RGBPicture) throws(EncoderError) {
        precondition(picture.width == width && picture.height == height, "all pictures of a movie have one size")
        try encoder.encode(time: count) { frame in
            YCbCrConversion.store(picture, range: .limited, into: frame)
        } _: { packet throws(EncoderError) in
            try write(packet)
        }
        count += 1
    }

    /// Writes what is left. Without it the file cannot be played.
    ///
    /// - Returns: a file in memory; nothing of one on the disk.
    @discardableResult public consuming func finish() throws(EncoderError) -> [UInt8] {
        try encoder.finish { packet throws(EncoderError) in try write(packet) }
        try Self.checkOutput(av_write_trailer(muxer), path)
        if path == nil { return Self.takeBytes(muxer) }
        try Self.checkOutput(avio_closep(&muxer.pointee.pb), path)
        return []
    }

    /// A file in memory of pictures of one size, at least one.
    ///
    /// - Parameters:
    ///   - rate: pictures a second.
    ///   - longSide: of the result at most, about: sides are made even.
    public static func bytes(of pictures: [Picture], rate: Int, longSide: Int) throws(EncoderError) -> [UInt8] {
        guard let (width, height) = pictures.first?.fitted(longSide: longSide) else { return [] }
        let even = (width: max(width & ~1, 2), height: max(height & ~1, 2))
        var writer = try MovieWriter(path: nil, width: even.width, height: even.height, rate: rate)
        for picture in pictures {
            try writer.append(RGBConverter.convert(picture, width: even.width, height: even.height))
        }
        return try writer.finish()
    }

    private func write(_ packet: UnsafeMutablePointer<AVPacket>) throws(EncoderError) {
        guard let stream = muxer.pointee.streams.pointee else { return }
        packet.pointee.duration = 1
        av_packet_rescale_ts(packet, timeBase, stream.pointee.time_base)
        try Self.checkOutput(av_interleaved_write_frame(muxer, packet), path)
        try Self.checkOutput(muxer.pointee.pb.pointee.error, path)
    }

    private static func checkOutput(_ status: Int32, _ path: String?) throws(EncoderError) {
        guard status >= 0 else { throw .output(path: path ?? "memory", reason: libavMessage(status)) }
    }
}
