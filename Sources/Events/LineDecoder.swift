internal import NIOCore

/// Splits bytes into lines without their newlines; a longer line than allowed is an error.
struct LineDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = String

    let maximumBytes: Int

    mutating func decode(buffer: inout ByteBuffer) throws -> String? {
        guard let newline = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
            if buffer.readableBytes > maximumBytes { throw LineTooLong(maximumBytes: maximumBytes) }
            return nil
        }
        let length = newline - buffer.readerIndex
        guard length <= maximumBytes else { throw LineTooLong(maximumBytes: maximumBytes) }
        let line = buffer.readString(length: length)
        buffer.moveReaderIndex(forwardBy: 1)
        return line
    }

    /// What follows the last newline is no line.
    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> String? {
        try decode(buffer: &buffer)
    }
}

struct LineTooLong: Error, CustomStringConvertible {
    let maximumBytes: Int
    var description: String { "a line is longer than \(maximumBytes) bytes" }
}
