internal import Glibc

/// Where video comes from.
public enum SourceLocation: Sendable, Hashable, CustomStringConvertible {
    /// Path of a file.
    case file(String)
    case rtsp(RTSPAddress)
    /// A moving picture made here, live, 640 × 360 at 25 pictures a second.
    case testPicture

    /// Parses a path, `file://` and a path, `rtsp://…`, `rtsps://…`, or `test`.
    /// - Throws: `SourceError` of kind `badAddress`.
    public init(parsing text: String) throws(SourceError) {
        guard let separator = text.firstRange(of: "://") else {
            guard !text.isEmpty else {
                throw SourceError(.badAddress, "The source is empty. Name a file or an rtsp:// URL.")
            }
            self = text == "test" ? .testPicture : .file(text)
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
            self = .file(text)
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

    /// - Throws: `SourceError` of kind `notFound` for a file that is not there or may not be read.
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
    }
}
