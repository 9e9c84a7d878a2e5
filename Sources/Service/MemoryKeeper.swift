package import Logging
package import Media
package import Memory
internal import Synchronization
package import Tokenization

/// What the streams of a process remember. Thread-safe.
package final class MemoryKeeper: Sendable {
    private struct State {
        var streams: [String: StreamMemory] = [:]
        /// Of streams that were not opened yet.
        var stored: [String: StoredMemory]
    }

    private let store: MemoryStore
    private let writer: MemoryWriter
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads what an earlier process remembered, erases what was asked for meanwhile, and goes on writing there.
    ///
    /// - Parameter log: the path of the event log. The process holds the lock of the memory.
    /// - Throws: `MemoryStoreError`.
    package init(besideLog log: String, logger: Logger) throws(MemoryStoreError) {
        store = try MemoryStore(path: MemoryStore.path(besideLog: log))
        let stored = try store.load()
        // What cannot be used is told before any stream begins.
        for memory in stored.values {
            do {
                _ = try memory.bank()
            } catch {
                throw MemoryStoreError(path: store.path, error)
            }
        }
        writer = MemoryWriter(store: store, logger: logger)
        self.logger = logger
        state = Mutex(State(stored: stored))
        try eraseWhatWasAskedFor()
    }

    /// The memory of a stream that begins, with what was remembered of it before. Nobody may use the one that was given before.
    package func open(stream: String, tokenizer: any ClipTokenizer, limits: MemoryLimits) -> StreamMemory {
        state.withLock { state in
            let memory = make(stream, tokenizer, limits, state)
            state.streams[stream] = memory
            state.stored[stream] = nil
            return memory
        }
    }

    private func make(
        _ stream: String, _ tokenizer: any ClipTokenizer, _ limits: MemoryLimits, _ state: State
    ) -> StreamMemory {
        let before = state.streams[stream]?.stored() ?? state.stored[stream].map { ($0, $0.revisions) }
        var bank = MemoryBank(limits)
        var written: [Int64: Int64] = [:]
        if let (memory, revisions) = before {
            bank = restored(memory, tokenizer.description.identity, limits, stream: stream)
            // Slots that other limits have merged may have kept number and revision.
            written = bank.count == memory.slots.count ? revisions : revisions.mapValues { _ in -1 }
        }
        return StreamMemory(
            stream: stream, identity: tokenizer.description.identity, bank: bank, video: before?.0.video,
            written: written, writer: writer, features: { try tokenizer.keyFeatures(of: $0) })
    }

    private func restored(
        _ memory: StoredMemory, _ identity: String, _ limits: MemoryLimits, stream: String
    ) -> MemoryBank {
        var memory = memory
        if memory.tokenizer != identity, !memory.slots.isEmpty {
            logger.notice("stream \(stream): its tokenizer is another one; what it remembered is forgotten")
            memory.slots = []
        }
        do {
            return try memory.bank(limits)
        } catch {
            logger.error("stream \(stream) remembers anew: \(error)")
            return MemoryBank(limits)
        }
    }

    /// What a stream remembers now; nil for streams that were not opened. Any thread; takes no time.
    package func snapshot(of stream: String) -> MemoryBank? {
        state.withLock { $0.streams[stream] }?.snapshot
    }

    /// Erases of a stream what was taken between two times, on the disk too, whether it is running or not.
    ///
    /// - Returns: how many slots.
    /// - Throws: `MemoryStoreError` where that could not be written.
    package func forget(stream: String, from: UTC, to: UTC) throws(MemoryStoreError) -> Int {
        let memory = state.withLock { state -> StreamMemory? in
            if let memory = state.streams[stream] { return memory }
            guard let stored = state.stored[stream], let bank = try? stored.bank() else { return nil }
            let memory = StreamMemory(
                stream: stream, identity: stored.tokenizer, bank: bank, video: stored.video,
                written: stored.revisions, writer: writer, features: { _ in ClipFeatures(columns: 0, values: []) })
            state.streams[stream] = memory
            state.stored[stream] = nil
            return memory
        }
        return try memory?.forget(from: from, to: to) ?? 0
    }

    /// Does what `videowire forget` has asked for in the file. Blocks; one thread uses it.
    ///
    /// A request stays in the file until the bytes are gone, so that a process that is killed before does it at its next start.
    ///
    /// - Throws: `MemoryStoreError`; what is left is done by another call.
    package func eraseWhatWasAskedFor() throws(MemoryStoreError) {
        for asked in try store.erasures() {
            let erasure = asked.erasure
            _ = try forget(stream: erasure.stream, from: erasure.from, to: erasure.to)
            try store.remove(asked)
        }
    }

    /// Writes what waits, and closes the file. Nothing may be called after.
    package func close() {
        writer.close()
    }
}
