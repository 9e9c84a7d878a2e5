internal import Glibc

/// Where video comes from.
public enum SourceLocation: Sendable, Hashable, CustomStringConvertible {
    /// Path of a file.
    case file(String)
    case rtsp(RTSPAddress)
    /// A moving picture made here, live, 640 × 360 at 25 pictures a second.
    case testPicture

    /// Parses a path, `file://` and a path, `rtsp://…`, `rtsps://…`, or `test`.
    /// - Throws: `SourceError` of kind `badAddress`; also for what would be a path, but looks like an address with a login.
    public init(parsing text: String) throws(SourceError) {
        guard let separator = text.firstRange(of: "://") else {
            guard !text.isEmpty else {
                throw SourceError(.badAddress, "The source is empty. Name a file or an rtsp:// URL.")
            }
            self = text == "test" ? .testPicture : .file(try Self.path(text))
            return
        }
        switch text[..<separator.lowerBound].lowercased() {
        case "rtsp", "rtsps":
            self = .rtsp(try RTSPAddress(parsing: text))
        case "file":
            self = .file(String(text[separator.upperBound...]))
        case let scheme where scheme.allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) }):
            throw SourceError(
                .badAddress,
                "Sources of the kind \(scheme):// are not supported. Use a file, rtsp://, rtsps:// or test.")
        default:
            self = .file(try Self.path(text))
        }
    }

    /// Paths are shown in messages, so a mistyped address must not become one: `rtsp:/user:password@host`.
    private static func path(_ path: String) throws(SourceError) -> String {
        let name = path.drop(while: \.isWhitespace)
        let scheme = name.prefix(while: \.isLetter)
        let isMistyped =
            scheme.lowercased().hasPrefix("rtsp") && [":", "//"].contains { name[scheme.endIndex...].hasPrefix($0) }
        let mayHoldLogin = name.firstIndex(of: ":").map { name[$0...].contains("@") } ?? false
        guard name.hasPrefix("/") || name.hasPrefix(".") || !(isMistyped || mayHoldLogin) else {
            throw SourceError(
                .badAddress,
                "This looks like the address of a camera, but it does not begin with rtsp:// or rtsps://. Correct that; for a "
                    + "file of this name write ./ in front of it.")
        }
        return path
    }

    package enum Hidden: Sendable {
        case password
        /// Alone: a name, or a token.
        case user
        /// Perhaps something in path or query.
        case other
    }

    /// What to show of a text that names a source, once `Secrets` keeps the rest; nil where all of it may be shown.
    package static func hiding(_ text: String) -> (shown: String, hidden: Hidden)? {
        do throws(SourceError) {
            let source = try SourceLocation(parsing: text)
            guard case .rtsp(let address) = source, !address.secrets.isEmpty else { return nil }
            Secrets.keep(of: source)
            let hidden: Hidden = address.password != nil ? .password : address.user != nil ? .user : .other
            return (address.description, hidden)
        } catch {
            // Nobody can say what is secret in it.
            guard text.contains(where: { "@?=".contains($0) }) else { return nil }
            Secrets.keep([text], areCredentials: true)
            let shown = text.firstRange(of: "://").map { text[..<$0.upperBound] + "…" } ?? "…"
            return (shown, text.contains("@") ? .password : .other)
        }
    }

    /// Goes on by itself whether pictures are taken or not.
    public var isLive: Bool {
        if case .file = self { false } else { true }
    }

    /// For logs and events; never shows credentials.
    public var description: String {
        switch self {
        case .file(let path): path
        case .rtsp(let address): address.description
        case .testPicture: "test"
        }
    }

    /// - Throws: `SourceError` of kind `notFound` for a file that is not there or may not be read, of kind `notVideo` for a
    ///   JPEG picture.
    func check() throws(SourceError) {
        guard case .file(let path) = self else { return }
        var status = stat()
        guard stat(path, &status) == 0 else {
            let why = String(cString: strerror(errno))
            throw SourceError(.notFound, "Cannot open \(path): \(why). Check the path.")
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw SourceError(.notFound, "\(path) is a folder. Name a video file in it.")
        }
        guard access(path, R_OK) == 0 else {
            throw SourceError(.notFound, "\(path) may not be read. Give this user read permission.")
        }
        // GStreamer takes one for a stream that breaks off.
        guard !Self.isJPEG(path) else {
            throw SourceError(
                .notVideo,
                "\(path) is not a video file: it is a JPEG picture, or JPEG pictures without a container. Name a video."
            )
        }
    }

    /// Whether the first bytes of a file are those of ISO/IEC 10918-1: SOI, then another marker.
    private static func isJPEG(_ path: String) -> Bool {
        guard let file = fopen(path, "r") else { return false }
        defer { fclose(file) }
        var start: [UInt8] = [0, 0, 0]
        return fread(&start, 1, 3, file) == 3 && start == [0xFF, 0xD8, 0xFF]
    }
}
