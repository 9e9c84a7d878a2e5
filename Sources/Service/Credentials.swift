internal import Glibc

/// Why credentials cannot be used. Never holds any.
public struct CredentialsError: Error, CustomStringConvertible, Sendable {
    public var description: String
}

/// A user and a password, as a file holds them: one line `user:password`, taken literally; the first colon separates them.
struct Credentials: Equatable {
    private static let maximumBytes = 4096

    var user: String
    var password: String

    /// - Parameter place: what errors call it.
    init(_ bytes: [UInt8], place: String) throws(CredentialsError) {
        var line = bytes[...]
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty else { throw Self.wrong(place, "it is empty") }
        guard line.count <= Self.maximumBytes else { throw Self.wrong(place, "it is longer than 4 KiB") }
        guard !line.contains(UInt8(ascii: "\n")) else { throw Self.wrong(place, "it has more than one line") }
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw Self.wrong(place, "it holds a control character")
        }
        guard let text = String(validating: line, as: UTF8.self) else { throw Self.wrong(place, "it is not UTF-8") }
        guard let colon = text.firstIndex(of: ":") else { throw Self.wrong(place, "it has no colon") }
        user = String(text[..<colon])
        password = String(text[text.index(after: colon)...])
    }

    /// Reads a file, or standard input where the path is `-`.
    ///
    /// - Parameter mayWait: whether it may be a pipe, which is read to its end.
    /// - Throws: where it cannot be read, everybody may read it, or it does not hold what it should.
    init(path: String, mayWait: Bool) throws(CredentialsError) {
        guard path != "-" else {
            try self.init(try Self.bytes(of: STDIN_FILENO, place: "standard input"), place: "standard input")
            return
        }
        var status = stat()
        // Not opened before it is known to be a file: opening a pipe waits.
        guard stat(path, &status) == 0 else { throw Self.unreadable(path) }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG || (mayWait && kind == S_IFIFO) else { throw Self.wrong(path, "it is not a file") }
        guard status.st_mode & S_IROTH == 0 else {
            throw CredentialsError(
                description: "\(path): everybody may read these credentials. Write: chmod 600 \(path)")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.unreadable(path) }
        defer { close(file) }
        try self.init(try Self.bytes(of: file, place: path), place: path)
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

    private static func wrong(_ place: String, _ what: String) -> CredentialsError {
        CredentialsError(
            description: "\(place): these are no credentials: \(what). Write one line, user:password, nothing escaped.")
    }
}
