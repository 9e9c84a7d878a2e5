internal import Capture
internal import Glibc

/// A video file that is shorter than its own headers say: a copy or a recording that broke off.
///
/// GStreamer's demuxers read such a file to where it ends and take that for the end. Containers without sizes (MPEG-TS, raw
/// streams) tell nothing.
struct CutFile: Equatable, CustomStringConvertible {
    /// Bytes that are there, and that should be.
    var bytes: Int
    var expected: Int

    var description: String { "the file is cut off: it has \(bytes) of \(expected) bytes" }

    /// Nil where nothing is missing, or that cannot be told.
    init?(path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = Int(lseek(descriptor, 0, SEEK_END))
        guard bytes > 0, let expected = Self.expectedBytes(descriptor, bytes), expected > bytes else { return nil }
        (self.bytes, self.expected) = (bytes, expected)
    }

    private static func expectedBytes(_ descriptor: Int32, _ bytes: Int) -> Int? {
        let start = read(descriptor, at: 0, count: 12)
        if start.starts(with: "RIFF".utf8) { return walk(descriptor, bytes) { riffChunk($0) } }
        if start.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return walk(descriptor, bytes) { matroskaElement($0) } }
        let kinds = ["ftyp", "moov", "mdat", "free", "skip", "wide", "styp", "moof"]
        guard kinds.contains(where: { start.dropFirst(4).starts(with: $0.utf8) }) else { return nil }
        return walk(descriptor, bytes) { box($0) }
    }

    /// Where the last of the parts ends; nil where a part has no size.
    private static func walk(_ descriptor: Int32, _ bytes: Int, _ size: ([UInt8]) -> Int?) -> Int? {
        var place = 0
        while place < bytes {
            let header = read(descriptor, at: place, count: 16)
            guard let size = size(header), size > 0 else { return nil }
            let (end, isTooFar) = place.addingReportingOverflow(size)
            if isTooFar { return nil }
            place = end
        }
        return place
    }

    /// ISO/IEC 14496-12 §4.2: 32 bits of size, or 1 and 64 bits behind the type; 0 is up to the end.
    private static func box(_ header: [UInt8]) -> Int? {
        guard header.count >= 8 else { return 8 }
        let size = number(header[0..<4])
        guard size == 1 else { return size >= 8 ? size : nil }
        return header.count == 16 ? number(header[8..<16]) : 16
    }

    /// Type, 32 bits of size with the lowest first, content, padding to an even size.
    private static func riffChunk(_ header: [UInt8]) -> Int? {
        guard header.count >= 8 else { return 8 }
        let size = number(header[4..<8].reversed()[...])
        return 8 + size + size % 2
    }

    /// RFC 8794 §4 and §5: an id and a size of variable length; a size of ones alone is unknown.
    private static func matroskaElement(_ header: [UInt8]) -> Int? {
        guard let first = header.first, first >= 0x10 else { return nil }
        let idLength = first.leadingZeroBitCount + 1
        guard header.count > idLength, header[idLength] > 0 else { return nil }
        let sizeLength = header[idLength].leadingZeroBitCount + 1
        guard header.count >= idLength + sizeLength else { return nil }
        let bits = 7 * sizeLength
        let size = number(header[idLength..<idLength + sizeLength]) & (1 << bits - 1)
        return size == 1 << bits - 1 ? nil : idLength + sizeLength + size
    }

    /// Up to eight bytes, the highest first.
    private static func number(_ bytes: some Sequence<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    private static func read(_ descriptor: Int32, at place: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
            filled = max(pread(descriptor, bytes.baseAddress, count, place), 0)
        }
    }
}

extension SourceLocation {
    /// What to tell where it is a file that was cut off.
    var cutWarning: String? {
        guard case .file(let path) = self, let cut = CutFile(path: path) else { return nil }
        return "\(path): \(cut). Copy it again to have the rest"
    }
}

/// Says on standard error when a file was cut off.
func printCut(of source: SourceLocation) {
    if let warning = source.cutWarning { printError("videowire: \(warning)") }
}
