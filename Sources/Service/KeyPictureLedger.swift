/// Which key pictures of a stream are kept, and which have to go. A pure value.
package struct KeyPictureLedger {
    package typealias Entry = KeyPictureFolder.Entry

    private let limits: KeyPictureLimits
    private var entries: [Entry]
    /// The first of `entries` that is still there.
    private var first = 0
    private var bytes: Int

    /// - Parameter entries: what is there, oldest first.
    package init(limits: KeyPictureLimits, entries: [Entry]) {
        self.limits = limits
        self.entries = entries
        bytes = entries.reduce(0) { $0 + $1.bytes }
    }

    package mutating func add(_ entry: Entry) {
        entries.append(entry)
        bytes += entry.bytes
    }

    /// What has to go, oldest first; it is taken to be gone.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - room: bytes that are about to be added.
    package mutating func surplus(now: Int, room: Int = 0) -> [Entry] {
        let oldest = now - Int(limits.maximumAge.components.seconds)
        var surplus: [Entry] = []
        while first < entries.count, entries[first].time < oldest || bytes + room > limits.maximumBytes {
            surplus.append(entries[first])
            bytes -= entries[first].bytes
            first += 1
        }
        // Moved seldom.
        if first > entries.count / 2 {
            entries.removeFirst(first)
            first = 0
        }
        return surplus
    }
}
