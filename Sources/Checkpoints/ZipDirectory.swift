/// The directory of a zip archive whose files are stored, not compressed, as torch.save writes it (APPNOTE.TXT 6.3, zip64 included).
package struct ZipDirectory: Sendable {
    /// Where the bytes of each file are, by its name.
    package let files: [String: Range<Int>]

    /// It bounds what a hostile directory can cost.
    private static let maximumCount = 1_000_000

    /// - Parameter archive: the whole archive.
    package init(parsing archive: UnsafeRawBufferPointer) throws(FormatError) {
        do {
            files = try Self.read(archive)
        } catch let error as FormatError {
            throw error
        } catch {
            throw FormatError("its zip directory is cut off")
        }
    }

    /// Where the entries of the directory are.
    fileprivate struct Directory {
        var offset: Int
        var size: Int
        var count: Int
    }

    private static func read(_ archive: UnsafeRawBufferPointer) throws -> [String: Range<Int>] {
        let directory = try find(archive)
        guard directory.count <= maximumCount else {
            throw FormatError("its zip directory has \(directory.count) entries, more than any checkpoint has")
        }
        guard directory.offset <= archive.count, directory.size <= archive.count - directory.offset else {
            throw FormatError("its zip directory is not inside the file")
        }
        let end = directory.offset + directory.size
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: archive[..<end]), at: directory.offset)
        var files: [String: Range<Int>] = [:]
        for _ in 0..<directory.count {
            let entry = try Entry(&reader)
            let range = try entry.range(in: archive, before: directory.offset)
            guard files.updateValue(range, forKey: entry.name) == nil else {
                throw FormatError("its zip directory names \(entry.name) twice")
            }
        }
        guard reader.position == end else { throw FormatError("its zip directory has more entries than it says") }
        let ranges = files.values.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        for (range, next) in zip(ranges, ranges.dropFirst()) where next.lowerBound < range.upperBound {
            throw FormatError("two files of its zip directory share bytes")
        }
        return files
    }

    /// The end record lies at the end of the archive, behind it a comment of up to 65535 bytes at most.
    private static func find(_ archive: UnsafeRawBufferPointer) throws -> Directory {
        var end = archive.count - 22
        let first = max(0, end - 65_535)
        while end >= first, try signature(archive, at: end) != 0x0605_4B50 { end -= 1 }
        guard end >= first else { throw FormatError("it has no zip directory: it is cut off, or no zip archive") }
        var reader = ByteReader(archive, at: end + 10)
        let count = Int(try reader.integer(UInt16.self))
        let size = Int(try reader.integer(UInt32.self))
        let offset = Int(try reader.integer(UInt32.self))
        guard count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF else {
            return Directory(offset: offset, size: size, count: count)
        }
        guard end >= 20, try signature(archive, at: end - 20) == 0x0706_4B50 else {
            throw FormatError("its zip directory is damaged: the 64-bit part is missing")
        }
        reader = ByteReader(archive, at: end - 20 + 8)
        let end64 = try size64(&reader)
        guard try signature(archive, at: end64) == 0x0606_4B50 else {
            throw FormatError("its zip directory is damaged: the 64-bit part is not where it should be")
        }
        reader = ByteReader(archive, at: end64)
        try reader.skip(32)
        return Directory(count: try size64(&reader), size: try size64(&reader), offset: try size64(&reader))
    }

    private static func signature(_ archive: UnsafeRawBufferPointer, at position: Int) throws -> UInt32 {
        var reader = ByteReader(archive, at: position)
        return try reader.integer()
    }

    fileprivate static func size64(_ reader: inout ByteReader) throws -> Int {
        guard let size = Int(exactly: try reader.integer(UInt64.self)) else {
            throw FormatError("its zip directory names more bytes than any file has")
        }
        return size
    }
}

extension ZipDirectory.Directory {
    /// In the order in which the 64-bit record has them.
    fileprivate init(count: Int, size: Int, offset: Int) {
        self.init(offset: offset, size: size, count: count)
    }
}

extension ZipDirectory {
    /// One entry of the directory.
    fileprivate struct Entry {
        let name: String
        private let size: Int
        private let headerOffset: Int

        /// Reads the entry and passes over it.
        init(_ reader: inout ByteReader) throws {
            guard try reader.integer(UInt32.self) == 0x0201_4B50 else {
                throw FormatError("its zip directory is damaged")
            }
            try reader.skip(4)
            let flags = try reader.integer(UInt16.self)
            let method = try reader.integer(UInt16.self)
            try reader.skip(8)
            var stored = Int(try reader.integer(UInt32.self))
            var size = Int(try reader.integer(UInt32.self))
            let nameLength = Int(try reader.integer(UInt16.self))
            let extraLength = Int(try reader.integer(UInt16.self))
            let commentLength = Int(try reader.integer(UInt16.self))
            try reader.skip(8)
            var offset = Int(try reader.integer(UInt32.self))
            name = try reader.text(nameLength)
            var extra = ByteReader(try reader.take(extraLength))
            try reader.skip(commentLength)
            // Field 1 of the extra data has those of the three numbers that 32 bits do not hold, in this order.
            while extra.remaining >= 4 {
                let id = try extra.integer(UInt16.self)
                var field = ByteReader(try extra.take(Int(try extra.integer(UInt16.self))))
                guard id == 1 else { continue }
                if size == 0xFFFF_FFFF { size = try size64(&field) }
                if stored == 0xFFFF_FFFF { stored = try size64(&field) }
                if offset == 0xFFFF_FFFF { offset = try size64(&field) }
            }
            guard method == 0, flags & 1 == 0, stored == size else {
                throw FormatError("its file \(name) is compressed or encrypted, which torch.save never does")
            }
            self.size = size
            headerOffset = offset
        }

        /// Where the file's bytes are: behind its own header, whose extra data pads them to a round address.
        func range(in archive: UnsafeRawBufferPointer, before end: Int) throws -> Range<Int> {
            var reader = ByteReader(UnsafeRawBufferPointer(rebasing: archive[..<end]), at: headerOffset)
            guard try reader.integer(UInt32.self) == 0x0403_4B50 else {
                throw FormatError("its file \(name) is not where the zip directory says")
            }
            try reader.skip(22)
            let nameLength = Int(try reader.integer(UInt16.self))
            let extraLength = Int(try reader.integer(UInt16.self))
            try reader.skip(nameLength + extraLength)
            let start = reader.position
            try reader.skip(size)
            return start..<reader.position
        }
    }
}
