/// The newest records of the log in memory, so that live consumers need not read the file.
struct LogTail: Sendable {
    static let maximumRecords = 512
    static let maximumBytes = 2 << 20

    private var records: [LogRecord] = []
    private var bytes = 0
    /// Everything from this number to `newest` is in `records`.
    private var first: UInt64
    private(set) var newest: UInt64

    init(newest: UInt64) {
        self.newest = newest
        first = newest + 1
    }

    mutating func append(_ new: [LogRecord]) {
        records += new
        bytes += new.reduce(0) { $0 + $1.line.utf8.count }
        newest = new.last?.last ?? newest
        guard records.count > Self.maximumRecords || bytes > Self.maximumBytes else { return }
        // Down to half, so that the array is moved seldom.
        var dropped = 0
        while records.count - dropped > Self.maximumRecords / 2 || bytes > Self.maximumBytes / 2,
            dropped < records.count
        {
            bytes -= records[dropped].line.utf8.count
            first = records[dropped].last + 1
            dropped += 1
        }
        records.removeFirst(dropped)
    }

    /// Nil where the file must be read.
    func page(after cursor: UInt64, filter: EventFilter) -> LogPage? {
        guard cursor + 1 >= first else { return nil }
        var page = LogPage(lines: [], through: cursor, oldest: first)
        var bytes = 0
        let start = records.partitioningIndex { $0.last > cursor }
        for record in records[start...] {
            if filter.matches(stream: record.stream, name: record.name.rawValue) {
                if page.isFull(bytes: bytes) { return page }
                page.lines.append(record.line)
                bytes += record.line.utf8.count
            }
            page.through = record.last
        }
        return page
    }
}

extension LogPage {
    func isFull(bytes: Int) -> Bool {
        lines.count >= Self.maximumLines || bytes >= Self.maximumBytes
    }
}

extension Array {
    /// The first index whose element satisfies the predicate, in an array that is sorted by it.
    fileprivate func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
