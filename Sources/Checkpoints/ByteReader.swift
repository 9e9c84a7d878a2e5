/// Reads little-endian numbers and text from bytes in memory. Every read is checked against the end, in release builds too.
struct ByteReader {
    /// The reading would pass the end.
    struct PastEnd: Error {}

    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int

    /// - Parameter bytes: valid as long as the reader is used.
    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var remaining: Int { bytes.count - position }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(PastEnd) -> Value {
        Value(littleEndian: try take(MemoryLayout<Value>.size).loadUnaligned(as: Value.self))
    }

    mutating func skip(_ count: Int) throws(PastEnd) {
        _ = try take(count)
    }

    /// The next bytes as text; wrong UTF-8 becomes U+FFFD.
    mutating func text(_ count: Int) throws(PastEnd) -> String {
        String(decoding: try take(count), as: UTF8.self)
    }

    /// Text up to a line feed, which is passed over.
    mutating func line() throws(PastEnd) -> String {
        guard position >= 0, position <= bytes.count,
            let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n"))
        else { throw PastEnd() }
        let line = try text(end - position)
        position += 1
        return line
    }

    mutating func take(_ count: Int) throws(PastEnd) -> UnsafeRawBufferPointer {
        guard position >= 0, position <= bytes.count, count >= 0, count <= bytes.count - position else {
            throw PastEnd()
        }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }
}
