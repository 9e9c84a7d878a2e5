/// A zip archive of stored files (APPNOTE.TXT 6.3; the 64-bit parts where the archive is that large). Each file is smaller than 4 GB, and
/// its bytes begin at a multiple of 64.
struct ZipWriter: ~Copyable {
    private struct Entry {
        var name: [UInt8]
        var offset: Int
        var size: Int
        var checksum = CRC32()
    }

    /// The checksum comes behind the bytes; names are UTF-8.
    private static let flags: UInt16 = 0x0808
    private static let version: UInt16 = 45

    private var output: OutputFile
    private var entries: [Entry] = []

    init(_ output: consuming OutputFile) {
        self.output = output
    }

    mutating func begin(_ name: String, size: Int) throws(CheckpointError) {
        precondition(size < 0xFFFF_FFFF)
        let entry = Entry(name: Array(name.utf8), offset: output.count, size: size)
        // Extra data of a kind that readers pass over fills up to the multiple of 64.
        let start = entry.offset + 30 + entry.name.count + 4
        let padding = (64 - start % 64) % 64
        try output.write(UInt32(0x0403_4B50))
        try output.write(Self.version)
        try output.write(Self.flags)
        try output.write(zeros: 10)
        try output.write(UInt32(size))
        try output.write(UInt32(size))
        try output.write(UInt16(entry.name.count))
        try output.write(UInt16(padding + 4))
        try output.write(entry.name)
        try output.write(Array("FB".utf8))
        try output.write(UInt16(padding))
        try output.write(zeros: padding)
        entries.append(entry)
    }

    mutating func write(_ bytes: [UInt8]) throws(CheckpointError) {
        entries[entries.count - 1].checksum.add(bytes)
        try output.write(bytes)
    }

    mutating func end() throws(CheckpointError) {
        guard let entry = entries.last else { return }
        try output.write(UInt32(0x0807_4B50))
        try output.write(entry.checksum.value)
        try output.write(UInt32(entry.size))
        try output.write(UInt32(entry.size))
    }

    consuming func finish() throws(CheckpointError) {
        let start = output.count
        for entry in entries { try write(directoryEntry: entry) }
        let size = output.count - start
        let needs64 = entries.count >= 0xFFFF || start >= 0xFFFF_FFFF
        if needs64 { try write64(directoryStart: start, size: size) }
        try output.write(UInt32(0x0605_4B50))
        try output.write(zeros: 4)
        try output.write(needs64 ? UInt16.max : UInt16(entries.count))
        try output.write(needs64 ? UInt16.max : UInt16(entries.count))
        try output.write(UInt32(size))
        try output.write(needs64 ? UInt32.max : UInt32(start))
        try output.write(UInt16(0))
        try output.flush()
    }

    private mutating func write(directoryEntry entry: Entry) throws(CheckpointError) {
        let needs64 = entry.offset >= 0xFFFF_FFFF
        try output.write(UInt32(0x0201_4B50))
        try output.write(Self.version)
        try output.write(Self.version)
        try output.write(Self.flags)
        try output.write(zeros: 6)
        try output.write(entry.checksum.value)
        try output.write(UInt32(entry.size))
        try output.write(UInt32(entry.size))
        try output.write(UInt16(entry.name.count))
        try output.write(UInt16(needs64 ? 12 : 0))
        try output.write(zeros: 10)
        try output.write(needs64 ? UInt32.max : UInt32(entry.offset))
        try output.write(entry.name)
        guard needs64 else { return }
        try output.write(UInt16(1))
        try output.write(UInt16(8))
        try output.write(UInt64(entry.offset))
    }

    private mutating func write64(directoryStart: Int, size: Int) throws(CheckpointError) {
        let record = output.count
        try output.write(UInt32(0x0606_4B50))
        try output.write(UInt64(44))
        try output.write(Self.version)
        try output.write(Self.version)
        try output.write(zeros: 8)
        try output.write(UInt64(entries.count))
        try output.write(UInt64(entries.count))
        try output.write(UInt64(size))
        try output.write(UInt64(directoryStart))
        try output.write(UInt32(0x0706_4B50))
        try output.write(zeros: 4)
        try output.write(UInt64(record))
        try output.write(UInt32(1))
    }
}
