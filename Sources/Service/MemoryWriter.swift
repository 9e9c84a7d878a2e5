internal import Dispatch
internal import Logging
internal import Synchronization

/// Writes what streams remember, one after the other on a thread of its own.
final class MemoryWriter: Sendable {
    /// How far a stream's memory is written.
    final class Saving: Sendable {
        fileprivate struct State {
            var written: [Int64: Int64]
            var isScheduled = false
        }

        fileprivate let state: Mutex<State>

        init(written: [Int64: Int64]) {
            state = Mutex(State(written: written))
        }

        /// The revisions of the slots that are stored.
        var written: [Int64: Int64] { state.withLock { $0.written } }
    }

    /// A disk that is slower is not waited for.
    private static let patience = DispatchTimeInterval.milliseconds(100)

    private let store: MemoryStore
    private let logger: Logger
    private let queue = DispatchQueue(label: "videowire.memory")
    private let failure = Mutex<MemoryStoreError?>(nil)

    init(store: MemoryStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Writes soon. Returns when it is written, or after 0.1 s; at once where an earlier write still waits, which then takes this one's changes
    /// with it.
    func save(_ memory: StreamMemory, _ saving: Saving) {
        let isNew = saving.state.withLock { state in
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        guard isNew else { return }
        let isWritten = DispatchSemaphore(value: 0)
        queue.async { [self] in
            write(memory, saving)
            isWritten.signal()
        }
        _ = isWritten.wait(timeout: .now() + Self.patience)
    }

    /// Writes, and waits for it however long it takes; nothing that was deleted is left in the file.
    func saveNow(_ memory: StreamMemory, _ saving: Saving) throws(MemoryStoreError) {
        let error = queue.sync { () -> MemoryStoreError? in
            write(memory, saving)
            if let error = failure.withLock({ $0 }) { return error }
            do throws(MemoryStoreError) {
                try store.purge()
                return nil
            } catch {
                return error
            }
        }
        if let error { throw error }
    }

    /// Waits for what is under way, and closes the file.
    func close() {
        queue.sync {
            do {
                try store.close()
            } catch {
                logger.error("\(error)")
            }
        }
    }

    private func write(_ memory: StreamMemory, _ saving: Saving) {
        let written = saving.state.withLock { state in
            state.isScheduled = false
            return state.written
        }
        do throws(MemoryStoreError) {
            let new = try memory.write(to: store, over: written)
            saving.state.withLock { $0.written = new }
            if failure.withLock({ failure in
                defer { failure = nil }
                return failure != nil
            }) {
                logger.notice("the memory is written again: \(store.path)")
            }
        } catch {
            let isNew = failure.withLock { failure in
                defer { failure = error }
                return failure == nil
            }
            if isNew { logger.error("what streams remember waits in memory: \(error)") }
        }
    }
}
