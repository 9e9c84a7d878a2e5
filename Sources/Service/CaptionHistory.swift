internal import Media
internal import Synchronization

/// What was lately said of a stream. Any thread.
final class CaptionHistory: Sendable {
    struct Entry: Sendable {
        var session: Int
        var number: Int
        var caption: Caption
        var utc: UTC?
        /// Seconds from the session's start to that of the caption.
        var seconds: Double
    }

    private static let capacity = 32

    private let entries = Mutex<[Entry]>([])

    func append(_ entry: Entry) {
        entries.withLock { entries in
            entries.append(entry)
            if entries.count > Self.capacity { entries.removeFirst() }
        }
    }

    /// Oldest first.
    var recent: [Entry] { entries.withLock { $0 } }
}
