internal import Media

/// An RTSP camera on the loopback interface that plays a file or the test picture, without encoding a file anew.
public final class TestCamera: Sendable {
    public enum Media: Sendable, Hashable {
        /// A file. `fromStart`: each client gets it from its first picture to its last, and then the session ends;
        /// otherwise all clients see the same endless loop.
        case file(path: String, fromStart: Bool)
        /// See `SourceLocation.testPicture`.
        case testPicture
    }

    /// How fast a file is sent; its RTP time stamps are always the file's.
    public enum Pace: Sendable, Hashable {
        case realTime
        /// So many times real time.
        case times(Double)
        /// As fast as the client reads.
        case unlimited
    }

    /// What clients must give.
    public struct Login: Sendable, Hashable {
        public var user: String
        public var password: String
        /// By the scheme Digest rather than Basic (RFC 2617).
        public var isDigest: Bool

        public init(user: String, password: String, isDigest: Bool = false) {
            self.user = user
            self.password = password
            self.isDigest = isDigest
        }
    }

    /// `rtsp://127.0.0.1:PORT/cam`, without the login.
    public let url: String
    private let server: RTSPServer

    /// Starts serving. Port 0 takes a free one. With `login` clients must log in.
    /// - Throws: `SourceError` for a file that cannot be served, and for a port that is taken.
    public init(
        media: Media, port: UInt16 = 0, pace: Pace = .realTime, login: Login? = nil
    ) throws(SourceError) {
        let source = media.source
        let (caps, payloader) = try CameraFeeder.format(of: source).rtp(source)
        try GStreamer.require([payloader, "appsrc", "rtpbin"])
        let template = try PipelineTemplate(.testcam, directory: nil)
        let launch = try template.filled(with: ["caps": caps, "payloader": payloader])
        server = try RTSPServer(launch: "( \(launch) )", isShared: media.isShared, port: port, login: login) {
            CameraFeeder(source: source, repeats: media.repeats, pace: pace)
        }
        url = "rtsp://127.0.0.1:\(server.port)/cam"
    }

    deinit { server.stop() }

    /// Disconnects all clients and frees the port. Blocks for a moment.
    public func stop() { server.stop() }
}

extension VideoFormat {
    /// Caps of this format's units, and the payloader that takes them.
    /// - Throws: `notVideo` where there is none.
    fileprivate func rtp(_ source: SourceLocation) throws(SourceError) -> (caps: String, payloader: String) {
        switch codec {
        case .h264: ("video/x-h264,stream-format=byte-stream,alignment=au", "rtph264pay")
        case .h265: ("video/x-h265,stream-format=byte-stream,alignment=au", "rtph265pay")
        case .mpeg1: ("video/mpeg,mpegversion=1,systemstream=false", "rtpmpvpay")
        case .mpeg2: ("video/mpeg,mpegversion=2,systemstream=false", "rtpmpvpay")
        case .mpeg4: ("video/mpeg,mpegversion=4,systemstream=false", "rtpmp4vpay")
        case .mjpeg: ("image/jpeg,width=\(width),height=\(height)", "rtpjpegpay")
        case .vp8: ("video/x-vp8", "rtpvp8pay")
        case .vp9: ("video/x-vp9", "rtpvp9pay")
        case .av1:
            throw SourceError(.notVideo, "\(source) is AV1, which the test camera cannot send. Use another codec.")
        }
    }
}

extension TestCamera.Media {
    fileprivate var source: SourceLocation {
        switch self {
        case .file(let path, _): .file(path)
        case .testPicture: .testPicture
        }
    }

    fileprivate var isShared: Bool { self.repeats || self == .testPicture }

    fileprivate var repeats: Bool { if case .file(_, fromStart: false) = self { true } else { false } }
}
