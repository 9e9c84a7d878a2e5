import Foundation

/// Answers every RTSP request with one status, on a free port of 127.0.0.1: a camera that refuses.
final class RTSPResponder: Sendable {
    let port: UInt16
    private let listener: Int32

    /// - Parameter status: e.g. `404 Not Found`, with further header lines behind it.
    init(_ status: String) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, size) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, pointer, &size) == 0
            }
        }
        guard isBound else {
            close(listener)
            throw POSIXError(.EADDRNOTAVAIL)
        }
        port = UInt16(bigEndian: address.sin_port)
        self.listener = listener
        Thread.detachNewThread {
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                Thread.detachNewThread { Self.answer(connection, status) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func answer(_ connection: Int32, _ status: String) {
        defer { close(connection) }
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while case let count = read(connection, &buffer, buffer.count), count > 0 {
            text += String(decoding: buffer[..<count], as: UTF8.self)
            while let end = text.range(of: "\r\n\r\n") {
                let number =
                    text[..<end.lowerBound].split(separator: "\r\n")
                    .first { $0.hasPrefix("CSeq:") }.map { $0.dropFirst(5) } ?? " 0"
                text.removeSubrange(..<end.upperBound)
                let answer = Array("RTSP/1.0 \(status)\r\nCSeq:\(number)\r\n\r\n".utf8)
                _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
            }
        }
    }
}
