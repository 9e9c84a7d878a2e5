internal import Glibc

/// A new file, written from its beginning to its end. One thread owns it.
struct OutputFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    /// Bytes so far.
    private(set) var count = 0

    /// - Throws: `CheckpointError` of the kind `unwritable`, also where a file of this name is there.
    init(_ path: String) throws(CheckpointError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor < 0 { throw .unwritable(path, errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    mutating func write(_ bytes: some Collection<UInt8>) throws(CheckpointError) {
        buffer.append(contentsOf: bytes)
        count += bytes.count
        if buffer.count >= 1 << 20 { try flush() }
    }

    /// A number, little-endian.
    mutating func write(_ value: some FixedWidthInteger) throws(CheckpointError) {
        try write(value.littleEndianBytes)
    }

    mutating func write(zeros: Int) throws(CheckpointError) {
        try write(repeatElement(UInt8(0), count: zeros))
    }

    /// Writes what is still in the buffer; call at the end.
    mutating func flush() throws(CheckpointError) {
        var offset = 0
        while offset < buffer.count {
            let written = buffer.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset)
            }
            if written > 0 {
                offset += written
            } else if errno != EINTR {
                throw .unwritable(path, errno)
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

extension FixedWidthInteger {
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}

extension CheckpointError {
    static func unwritable(_ path: String, _ code: Int32) -> CheckpointError {
        CheckpointError(.unwritable, "\(path) cannot be written: \(String(cString: strerror(code)))")
    }
}
