internal import Glibc

/// Why credentials cannot be used. Never holds any.
public struct CredentialsError: Error, CustomStringConvertible, Sendable {
    public var description: String
}

/// A user and a password, as a file holds them: one line `user:password`, taken literally; the first colon separates them.
struct Credentials: Equatable {
    var user: String
    var password: String

    /// - Parameter place: what errors call it.
    init(_ bytes: [UInt8], place: String) throws(CredentialsError) {
        try self.init(line: try SecretFile.line(bytes, place: place), place: place)
    }

    /// Reads a file, or standard input where the path is `-`.
    ///
    /// - Parameter mayWait: whether it may be a pipe, which is read to its end.
    /// - Throws: where it cannot be read, everybody may read it, or it does not hold what it should.
    init(path: String, mayWait: Bool) throws(CredentialsError) {
        let place = path == "-" ? "standard input" : path
        try self.init(line: try SecretFile.line(path: path, mayWait: mayWait), place: place)
    }

    private init(line text: String, place: String) throws(CredentialsError) {
        guard let colon = text.firstIndex(of: ":") else { throw SecretFile.wrong(place, "it has no colon") }
        user = String(text[..<colon])
        password = String(text[text.index(after: colon)...])
    }
}

/// A file with one secret line, taken literally.
enum SecretFile {
    private static let maximumBytes = 4096

    /// Reads a file, or standard input where the path is `-`.
    ///
    /// - Parameter mayWait: whether it may be a pipe, which is read to its end.
    /// - Throws: where it cannot be read, everybody may read it, or it is no such line.
    static func line(path: String, mayWait: Bool) throws(CredentialsError) -> String {
        guard path != "-" else {
            return try line(try bytes(of: STDIN_FILENO, place: "standard input"), place: "standard input")
        }
        var status = stat()
        // Not opened before it is known to be a file: opening a pipe waits.
        guard stat(path, &status) == 0 else { throw unreadable(path) }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG || (mayWait && kind == S_IFIFO) else { throw wrong(path, "it is not a file") }
        guard status.st_mode & S_IROTH == 0 else {
            throw CredentialsError(
                description: "\(path): everybody may read these credentials. Write: chmod 600 \(path)")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw unreadable(path) }
        defer { close(file) }
        return try line(try bytes(of: file, place: path), place: path)
    }

    /// The line that bytes hold; a newline at its end is dropped.
    static func line(_ bytes: [UInt8], place: String) throws(CredentialsError) -> String {
        var line = bytes[...]
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty else { throw wrong(place, "it is empty") }
        guard line.count <= maximumBytes else { throw wrong(place, "it is longer than 4 KiB") }
        guard !line.contains(UInt8(ascii: "\n")) else { throw wrong(place, "it has more than one line") }
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw wrong(place, "it holds a control character")
        }
        guard let text = String(validating: line, as: UTF8.self) else { throw wrong(place, "it is not UTF-8") }
        return text
    }

    /// Everything, or enough to see that it is too much.
    private static func bytes(of file: Int32, place: String) throws(CredentialsError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: maximumBytes)
        while bytes.count <= maximumBytes + 2 {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(place) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    private static func unreadable(_ place: String) -> CredentialsError {
        CredentialsError(
            description:
                "\(place): cannot read the credentials: \(String(cString: strerror(errno))). Name a file that this user may read."
        )
    }

    static func wrong(_ place: String, _ what: String) -> CredentialsError {
        CredentialsError(
            description: "\(place): these are no credentials: \(what). Write one line, user:password, nothing escaped.")
    }
}
