import Foundation
import Synchronization

/// A client of a Unix socket that sends bytes as they are; blocks, at most ten seconds.
final class LineSocket: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let descriptor: Int32
    private let rest = Mutex<[UInt8]>([])

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ line: String) throws { try send(Array((line + "\n").utf8)) }

    /// A server that has closed the connection meanwhile is no failure: reading tells why it has.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent) }
            if count < 0, errno == EPIPE || errno == ECONNRESET { return }
            guard count > 0 else { throw Failure(description: "the server does not read") }
            sent += count
        }
    }

    /// The next line; nil at the end of the connection.
    func next() throws -> String? {
        try rest.withLock { rest in
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { rest.removeSubrange(...end) }
                    return String(decoding: rest[..<end], as: UTF8.self)
                }
                let count = read(descriptor, &buffer, buffer.count)
                if count == 0 || (count < 0 && errno == ECONNRESET) { return nil }
                guard count > 0 else { throw Failure(description: "the server does not answer") }
                rest += buffer[..<count]
            }
        }
    }
}
