/// Numbered lines that wait for a slow reader, bounded: a pure state machine.
///
/// When it is full the oldest lines go, and the next thing handed out is the range of sequence numbers that went.
struct LineQueue {
    enum Item: Equatable {
        case line(String)
        /// Lines `from` to `to` were dropped before what follows.
        case lost(from: UInt64, to: UInt64)
    }

    let capacity: Int
    private var lines: [(sequence: UInt64, text: String)] = []
    private var head = 0
    private var lost: ClosedRange<UInt64>?

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { lines.count - head }
    var isEmpty: Bool { count == 0 && lost == nil }
    var isFull: Bool { count >= capacity }

    /// Adds a line; drops the oldest one when full.
    mutating func offer(_ text: String, sequence: UInt64) {
        if isFull, let oldest = removeFirst() {
            lost = (lost?.lowerBound ?? oldest.sequence)...oldest.sequence
        }
        lines.append((sequence, text))
    }

    /// The next thing to write; nil when there is nothing.
    mutating func take() -> Item? {
        if let lost {
            self.lost = nil
            return .lost(from: lost.lowerBound, to: lost.upperBound)
        }
        return removeFirst().map { .line($0.text) }
    }

    private mutating func removeFirst() -> (sequence: UInt64, text: String)? {
        guard head < lines.count else { return nil }
        defer {
            head += 1
            if head > 512, head * 2 > lines.count {
                lines.removeFirst(head)
                head = 0
            }
        }
        return lines[head]
    }
}
