internal import Events
package import Media
package import Memory
internal import Synchronization
package import Tokenization

/// What one stream remembers: written by the thread that tokenizes its clips, read by any other.
package final class StreamMemory: Sendable {
    private struct State {
        var bank: MemoryBank
        var video: VideoSize?
        var hasFailed = false
    }

    private let stream: String
    private let identity: String
    private let features: @Sendable (ClipTokens) throws -> ClipFeatures
    private let state: Mutex<State>
    /// Nil: it is kept in memory only.
    private let writer: MemoryWriter?
    private let saving: MemoryWriter.Saving

    /// A memory that ends with the process.
    package convenience init(stream: String, tokenizer: any ClipTokenizer, limits: MemoryLimits) {
        self.init(
            stream: stream, identity: tokenizer.description.identity, bank: MemoryBank(limits), video: nil,
            written: [:],
            writer: nil, features: { try tokenizer.keyFeatures(of: $0) })
    }

    /// - Parameters:
    ///   - identity: of the tokenizer.
    ///   - written: the revisions of the slots that are stored.
    ///   - features: of a clip's key picture, from its tokens.
    init(
        stream: String, identity: String, bank: MemoryBank, video: VideoSize?, written: [Int64: Int64],
        writer: MemoryWriter?, features: @escaping @Sendable (ClipTokens) throws -> ClipFeatures
    ) {
        self.stream = stream
        self.identity = identity
        self.features = features
        self.writer = writer
        state = Mutex(State(bank: bank, video: video))
        saving = MemoryWriter.Saving(written: written)
    }

    /// What is remembered now: a value that does not change any more. Any thread; takes no time.
    package var snapshot: MemoryBank { state.withLock { $0.bank } }

    /// What is remembered now as a picture; nil where there is none. Any thread.
    var sheet: MemorySheet? {
        let (bank, video) = state.withLock { ($0.bank, $0.video) }
        return MemorySheet(bank, tokenizer: identity, video: video)
    }

    /// Takes a clip with its tokens, and writes what has changed. Waits for a slow disk 0.1 s at most; what is not written by then is written later.
    package func remember(_ clip: Clip, _ tokens: ClipTokens) {
        do {
            let remembered = RememberedClip(
                clip, tokens: tokens, features: try features(tokens), remembered: .now())
            try state.withLock { state throws in
                try state.bank.remember(remembered)
                state.video = VideoSize(width: clip.video.width, height: clip.video.height)
                state.hasFailed = false
            }
            writer?.save(self, saving)
        } catch {
            let isNew = state.withLock { state in
                defer { state.hasFailed = true }
                return !state.hasFailed
            }
            if isNew { printError("videowire: \(stream): clips are not remembered: \(error)") }
        }
    }

    /// Erases what was taken between two times, in memory and on the disk.
    ///
    /// - Returns: how many slots.
    /// - Throws: `MemoryStoreError` where it could not be written; it is erased in memory all the same, and will be on the disk with the next clip.
    func forget(from: UTC, to: UTC) throws(MemoryStoreError) -> Int {
        let count = state.withLock { $0.bank.forget(from: from, to: to) }
        try writer?.saveNow(self, saving)
        return count
    }

    /// Writes what has changed since the last time. One thread at a time.
    func write(to store: MemoryStore, over written: [Int64: Int64]) throws(MemoryStoreError) -> [Int64: Int64] {
        let (bank, video) = state.withLock { ($0.bank, $0.video) }
        return try store.write(
            bank, tokenizer: identity, video: video, stream: stream, over: written)
    }

    /// For a stream that begins anew.
    func stored() -> (memory: StoredMemory, written: [Int64: Int64]) {
        let (bank, video) = state.withLock { ($0.bank, $0.video) }
        let memory = StoredMemory(
            tokenizer: identity, video: video, seen: bank.seen, newest: bank.newest, slots: bank.slots)
        return (memory, saving.written)
    }
}

extension TokenizerDescription {
    /// Features of tokenizers with the same identity can be compared.
    var identity: String { [id, weightHash].compactMap(\.self).joined(separator: " ") }
}
