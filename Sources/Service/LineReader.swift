internal import Glibc

/// Lines of a file or of standard input, with a bound on their length. One thread owns it.
struct LineReader: ~Copyable {
    struct Failure: Error, CustomStringConvertible {
        var path: String
        var reason: String
        var description: String { "\(path): \(reason)" }
    }

    enum Line {
        case text(String)
        /// Left out: longer than `maximumBytes`.
        case tooLong
    }

    static let maximumBytes = 1 << 20

    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    private var next = 0
    private var isAtEnd = false

    /// - Parameter path: a file, or `-` for standard input.
    init(path: String) throws(Failure) {
        descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        self.path = path == "-" ? "standard input" : path
        guard descriptor < 0 else { return }
        throw Failure(path: self.path, reason: String(cString: strerror(errno)))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The next line without its newline; nil at the end. A last line without a newline counts.
    mutating func read() throws(Failure) -> Line? {
        var searched = next
        var isTooLong = false
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { next = end + 1 }
                return isTooLong ? .tooLong : .text(String(decoding: buffer[next..<end], as: UTF8.self))
            }
            if isAtEnd {
                defer { next = buffer.count }
                guard next < buffer.count || isTooLong else { return nil }
                return isTooLong ? .tooLong : .text(String(decoding: buffer[next...], as: UTF8.self))
            }
            if buffer.count - next > Self.maximumBytes {
                isTooLong = true
                next = buffer.count
            }
            buffer.removeFirst(next)
            next = 0
            searched = buffer.count
            try fill()
        }
    }

    private mutating func fill() throws(Failure) {
        var count: Int
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        repeat {
            count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw Failure(path: path, reason: String(cString: strerror(errno))) }
        isAtEnd = count == 0
        buffer += piece.prefix(count)
    }
}
