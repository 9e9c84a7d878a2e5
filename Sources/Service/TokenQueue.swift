/// What waits for a slow tokenizer: clips, and the events that must not come before theirs. A pure state machine; `TokenStage` performs it.
///
/// One thread adds, another one takes: it asks for the next step, and says when a clip is tokenized and when its event has been told.
package struct TokenQueue<Item, Message> {
    /// Whether an event may come before those of clips that were there before it.
    package enum Order {
        /// It may.
        case any
        /// It may not.
        case afterClips
        /// It may not, and nothing that follows may come before it: the start or the end of a session.
        case boundary
    }

    package enum Step {
        case tokenize(Item)
        case tell(Message)
        /// Nothing will ever follow.
        case end
    }

    private enum Entry {
        case item(Item)
        case message(Message, isBoundary: Bool)
    }

    /// Clips that may wait besides the one at work.
    private let capacity: Int
    /// A file's clips wait until there is room; a camera's oldest one gives way.
    private let isLossless: Bool
    /// The event of a clip that is given up.
    private let giveUp: (Item) -> Message
    private var entries: [Entry] = []
    private var current: Item?
    private var isTelling = false
    private var isAbandoned = false
    private var isClosed = false

    package init(capacity: Int, isLossless: Bool, giveUp: @escaping (Item) -> Message) {
        self.capacity = capacity
        self.isLossless = isLossless
        self.giveUp = giveUp
    }

    /// Nothing waits and nothing is at work.
    package var isIdle: Bool { entries.isEmpty && current == nil && !isTelling }

    private var waiting: Int { entries.count { if case .item = $0 { true } else { false } } }

    /// Adds a clip; false where it has to wait for room.
    package mutating func offer(_ item: Item) -> Bool {
        if isAbandoned {
            entries.append(.message(giveUp(item), isBoundary: false))
            return true
        }
        if waiting >= capacity {
            guard !isLossless else { return false }
            giveUpOldest()
        }
        entries.append(.item(item))
        return true
    }

    private mutating func giveUpOldest() {
        for index in entries.indices {
            guard case .item(let item) = entries[index] else { continue }
            entries[index] = .message(giveUp(item), isBoundary: false)
            return
        }
    }

    /// Adds an event; false where it is to be told at once instead.
    package mutating func add(_ message: Message, order: Order) -> Bool {
        guard !isIdle else { return false }
        let hasBoundary = entries.contains { if case .message(_, true) = $0 { true } else { false } }
        if order == .any, !isLossless, !hasBoundary { return false }
        entries.append(.message(message, isBoundary: order == .boundary))
        return true
    }

    /// What to do next; nil: wait. Asked by the thread that tokenizes, when it has done the step before.
    package mutating func next() -> Step? {
        if isClosed || isAbandoned { return .end }
        guard let first = entries.first else { return nil }
        entries.removeFirst()
        switch first {
        case .item(let item):
            current = item
            return .tokenize(item)
        case .message(let message, _):
            isTelling = true
            return .tell(message)
        }
    }

    /// The clip at work is tokenized; false where it was given up meanwhile, and its event is not to be told.
    package mutating func complete() -> Bool {
        guard current != nil else { return false }
        current = nil
        isTelling = true
        return true
    }

    /// The event of the step is told.
    package mutating func told() { isTelling = false }

    /// No clip is waited for any more, the one at work included.
    package mutating func abandon() { isAbandoned = true }

    /// At the end: the events that are left to be told by who asks, none where all were told; nil: wait.
    package mutating func finish() -> [Message]? {
        guard !isIdle else {
            isClosed = true
            return []
        }
        guard isAbandoned, !isTelling else { return nil }
        let left = (current.map { [.item($0)] } ?? []) + entries
        (current, entries, isClosed) = (nil, [], true)
        return left.map { entry in
            switch entry {
            case .item(let item): giveUp(item)
            case .message(let message, _): message
            }
        }
    }
}
