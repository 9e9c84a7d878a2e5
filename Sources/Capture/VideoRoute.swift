internal import CGStreamer
internal import Media

/// How a stream of a codec gets from where a source gives it to the tap.
struct VideoRoute: Equatable {
    let codec: VideoCodec
    /// Pipeline text: depayloader for RTP, parser, and the framing that the decoder wants.
    let chain: String

    /// The route of a stream with these caps; nil where it is no video that videowire knows.
    init?(_ caps: UnsafeMutablePointer<GstCaps>) {
        guard gst_caps_get_size(caps) > 0, let structure = gst_caps_get_structure(caps, 0) else { return nil }
        let name = String(cString: gst_structure_get_name(structure))
        // Before the set-up of a stream rtspsrc does not yet call it RTP.
        if name == "application/x-rtp" || name == "application/x-unknown" {
            guard structure.string("media") == "video", let encoding = structure.string("encoding-name"),
                let (codec, depayloader) = Self.depayloader(of: encoding.uppercased())
            else { return nil }
            self.codec = codec
            chain = "\(depayloader) ! \(Self.parser(of: codec))"
        } else {
            guard let codec = VideoCodec(structure) else { return nil }
            self.codec = codec
            chain = Self.parser(of: codec)
        }
    }

    /// MPEG-4 Part 2 that has been parsed. Behind the parser of a bare elementary stream parsebin (1.22) looks for something more, finds
    /// nothing, and calls that a missing plug-in.
    static func isParsedMPEG4(_ caps: UnsafeMutablePointer<GstCaps>?) -> Bool {
        guard let caps, gst_caps_get_size(caps) > 0, let structure = gst_caps_get_structure(caps, 0) else {
            return false
        }
        var isParsed: gboolean = 0
        return VideoCodec(structure) == .mpeg4 && gst_structure_get_boolean(structure, "parsed", &isParsed) != 0
            && isParsed != 0
    }

    /// RTP payload formats by encoding name: RFC 6184, 7798, 6416, 2250, 2435, 7741, 9628.
    private static func depayloader(of encoding: String) -> (VideoCodec, String)? {
        switch encoding {
        case "H264": (.h264, "rtph264depay")
        case "H265": (.h265, "rtph265depay")
        case "MP4V-ES": (.mpeg4, "rtpmp4vdepay")
        case "MPV": (.mpeg2, "rtpmpvdepay")
        case "JPEG": (.mjpeg, "rtpjpegdepay")
        case "VP8": (.vp8, "rtpvp8depay")
        case "VP9": (.vp9, "rtpvp9depay")
        default: nil
        }
    }

    /// Parameter sets go before every key picture, because decoding may start at any of them.
    private static func parser(of codec: VideoCodec) -> String {
        switch codec {
        case .h264: "h264parse config-interval=-1 ! capsfilter caps=video/x-h264,stream-format=byte-stream,alignment=au"
        case .h265: "h265parse config-interval=-1 ! capsfilter caps=video/x-h265,stream-format=byte-stream,alignment=au"
        case .mpeg1, .mpeg2: "mpegvideoparse ! capsfilter caps=video/mpeg,parsed=true"
        case .mpeg4: "mpeg4videoparse config-interval=-1 ! capsfilter caps=video/mpeg,parsed=true"
        case .vp8: "capsfilter caps=video/x-vp8"
        case .vp9: "vp9parse ! capsfilter caps=video/x-vp9,alignment=super-frame"
        case .av1: "av1parse ! capsfilter caps=video/x-av1,stream-format=obu-stream,alignment=tu"
        case .mjpeg: "jpegparse ! capsfilter caps=image/jpeg,parsed=true"
        }
    }
}

extension VideoCodec {
    /// The codec of a coded video stream; nil for anything else.
    init?(_ structure: UnsafeMutablePointer<GstStructure>) {
        switch String(cString: gst_structure_get_name(structure)) {
        case "video/x-h264": self = .h264
        case "video/x-h265": self = .h265
        case "video/x-vp8": self = .vp8
        case "video/x-vp9": self = .vp9
        case "video/x-av1": self = .av1
        case "image/jpeg": self = .mjpeg
        case "video/mpeg":
            switch structure.int("mpegversion") {
            case 1: self = .mpeg1
            case 2: self = .mpeg2
            case 4: self = .mpeg4
            // MPEG-1 or 2: the parser does not know yet.
            case nil where gst_structure_has_field(structure, "mpegversion") != 0: self = .mpeg2
            default: return nil
            }
        default: return nil
        }
    }
}

extension VideoFormat {
    /// The format that an appsink's caps describe; nil where they are not coded video that videowire knows.
    init?(_ caps: UnsafeMutablePointer<GstCaps>) {
        guard gst_caps_get_size(caps) > 0, let structure = gst_caps_get_structure(caps, 0),
            let codec = VideoCodec(structure)
        else { return nil }
        var numerator: Int32 = 0
        var denominator: Int32 = 0
        let hasRate = gst_structure_get_fraction(structure, "framerate", &numerator, &denominator) != 0
        self.init(
            codec: codec, profile: structure.string("profile"), width: structure.int("width") ?? 0,
            height: structure.int("height") ?? 0,
            framesPerSecond: hasRate && numerator > 0 ? Double(numerator) / Double(denominator) : nil,
            // H.264 that may code fields: demuxers and parsers leave its interlace-mode out.
            isInterlaced: structure.string("interlace-mode").map { $0 != "progressive" } ?? false
                || structure.string("coded-picture-structure") == "field")
    }
}

/// Fields of a structure.
extension UnsafeMutablePointer<GstStructure> {
    fileprivate func string(_ field: String) -> String? {
        gst_structure_get_string(self, field).map { String(cString: $0) }
    }

    fileprivate func int(_ field: String) -> Int? {
        var value: Int32 = 0
        return gst_structure_get_int(self, field, &value) != 0 ? Int(value) : nil
    }
}

extension VideoRoute {
    /// The elements of the chain.
    var elements: [String] {
        chain.split(separator: "!").compactMap { $0.split(separator: " ").first.map(String.init) }
    }
}
