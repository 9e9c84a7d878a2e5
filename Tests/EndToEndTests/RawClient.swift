import Foundation

/// A consumer that reads when it is told to.
final class RawClient {
    struct Failure: Error {
        var call: String
        var code: Int32
    }

    private let descriptor: Int32

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let descriptor = descriptor
        let status = UnixAddress(path: path).withPointer { connect(descriptor, $0, $1) }
        guard status == 0 else { throw Failure(call: "connect", code: errno) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    func send(_ line: String) throws {
        let bytes = Array((line + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure(call: "write", code: errno) }
    }

    /// Reads until the lines satisfy a condition, the other side closes, or nothing comes for 10 s.
    func readLines(until condition: ([String]) -> Bool) throws -> [String] {
        var lines: [String] = []
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !condition(lines) {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            rest += buffer[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                lines.append(String(decoding: rest[..<end], as: UTF8.self))
                rest.removeSubrange(...end)
            }
        }
        return lines
    }
}
