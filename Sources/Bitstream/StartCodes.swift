/// The units of a byte stream that start codes (00 00 01) separate, in order: each without its start code and the zeros
/// behind it. Lazy: nothing behind the unit that was asked for last is looked at, but for its end.
struct StartCodes: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var start: Int?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        start = Self.unitStart(in: bytes, from: 0)
    }

    /// The first byte of the next unit, without a search for the unit's end.
    var nextByte: UInt8? { start.map { bytes[$0] } }

    /// The next unit, and all that follows it: for readers that need a unit's first bytes only.
    var rest: ArraySlice<UInt8> { start.map { bytes[$0...] } ?? [] }

    mutating func next() -> ArraySlice<UInt8>? {
        guard let start else { return nil }
        self.start = Self.unitStart(in: bytes, from: start)
        guard let following = self.start else { return bytes[start...] }
        var end = following - 3
        while end > start, bytes[end - 1] == 0 { end -= 1 }
        return bytes[start..<end]
    }

    /// The place behind the next start code that has a byte behind it.
    private static func unitStart(in bytes: [UInt8], from: Int) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var index = from + 2
            while index < bytes.count - 1 {
                let byte = bytes[index]
                if byte > 1 {
                    index += 3
                } else if byte == 1, bytes[index - 1] == 0, bytes[index - 2] == 0 {
                    return index + 1
                } else {
                    index += 1
                }
            }
            return nil
        }
    }
}
