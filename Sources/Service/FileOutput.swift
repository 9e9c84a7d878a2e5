internal import Glibc

/// Bytes to a file descriptor, buffered. One thread owns it.
public struct FileOutput: ~Copyable, Sendable {
    public enum Failure: Error, CustomStringConvertible, Sendable {
        /// The reader has gone (EPIPE): the ordinary end of a pipe into `head`, not a fault.
        case closed
        case failed(path: String, reason: String)

        public var description: String {
            switch self {
            case .closed: "the reader of the output has gone"
            case .failed(let path, let reason): "\(path): \(reason)"
            }
        }
    }

    private let descriptor: Int32
    private let path: String
    private let owned: Bool
    private var buffer: [UInt8] = []

    /// Standard output.
    public init() {
        descriptor = STDOUT_FILENO
        path = "standard output"
        owned = false
    }

    /// Creates or empties the file.
    /// - Parameter isEmptied: false: what it holds stays until it is written over; `empty(path:)` drops it.
    public init(path: String, isEmptied: Bool = true) throws(Failure) {
        descriptor = open(path, O_WRONLY | O_CREAT | (isEmptied ? O_TRUNC : 0) | O_CLOEXEC, 0o666)
        self.path = path
        owned = true
        if descriptor < 0 { throw .failed(path: path, reason: String(cString: strerror(errno))) }
    }

    deinit {
        if owned, descriptor >= 0 { close(descriptor) }
    }

    /// Drops what a file holds, for outputs that have written nothing yet. What has no length, as a pipe, stays as it is.
    static func empty(path: String) {
        _ = truncate(path, 0)
    }

    /// Takes bytes, and writes when 64 KiB have gathered.
    public mutating func write(_ bytes: some Sequence<UInt8>) throws(Failure) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 16 { try flush() }
    }

    /// Writes what has gathered; blocks while a pipe is full. After a failure the output is of no more use.
    public mutating func flush() throws(Failure) {
        var offset = 0
        while offset < buffer.count {
            let written = buffer.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset)
            }
            if written >= 0 {
                offset += written
            } else if errno == EPIPE {
                throw .closed
            } else if errno != EINTR {
                throw .failed(path: path, reason: String(cString: strerror(errno)))
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Lets a write to a closed pipe fail with EPIPE instead of ending the process. Call once at the start of a program.
public func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
}

/// Whether standard output is a terminal.
public func standardOutputIsTerminal() -> Bool { isatty(STDOUT_FILENO) == 1 }

/// Whether standard error is a terminal.
public func standardErrorIsTerminal() -> Bool { isatty(STDERR_FILENO) == 1 }
