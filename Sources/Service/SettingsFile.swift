internal import Glibc

extension Settings {
    /// A configuration is text that somebody has written: more than this is some other file.
    private static let maximumBytes = 1 << 20

    /// Reads a file.
    /// - Throws: `SettingsError`.
    package init(path: String, environment: [String: String]) throws {
        guard let text = String(validating: try Self.bytes(of: path), as: UTF8.self) else {
            throw SettingsError("\(path): this is no text in UTF-8; name a configuration in YAML")
        }
        try self.init(yaml: text, file: path, environment: environment)
    }

    private static func bytes(of path: String) throws(SettingsError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw unreadable(path) }
            if count == 0 { return bytes }
            bytes += piece.prefix(count)
            guard bytes.count <= maximumBytes else {
                throw SettingsError("\(path): longer than \(maximumBytes) bytes; name a configuration in YAML")
            }
        }
    }

    private static func unreadable(_ path: String) -> SettingsError {
        SettingsError("\(path): \(String(cString: strerror(errno))); name a configuration that this user may read")
    }
}
