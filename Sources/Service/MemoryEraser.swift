internal import Events
internal import Glibc
package import Logging
package import Media
internal import Memory

/// What `videowire forget` does about what streams remember. Blocks; one thread uses it.
///
/// A running daemon has the memory in RAM and would write it back, so that the command writes into the file what is to be erased, and waits
/// for the daemon to do it. Where none runs, it does it itself.
package struct MemoryEraser {
    private let log: String
    private let path: String
    private let logger: Logger

    /// - Parameter log: the path of the daemon's event log.
    package init(besideLog log: String, logger: Logger) {
        self.log = log
        path = MemoryStore.path(besideLog: log)
        self.logger = logger
    }

    /// How many slots of a stream would go.
    ///
    /// - Throws: `MemoryStoreError`.
    package func count(stream: String, from: UTC, to: UTC) throws(MemoryStoreError) -> Int {
        guard isThere, let memory = try MemoryStore.read(path: path)[stream] else { return 0 }
        do {
            var bank = try memory.bank()
            return bank.forget(from: from, to: to)
        } catch {
            throw MemoryStoreError(path: path, error)
        }
    }

    /// Asks for an erasure. From then on it happens, whatever ends.
    ///
    /// - Returns: nil where nothing was ever remembered beside the log.
    /// - Throws: `MemoryStoreError`.
    package func ask(stream: String, from: UTC, to: UTC) throws(MemoryStoreError) -> Request? {
        guard isThere else { return nil }
        let store = try MemoryStore(path: path)
        let asked = try store.ask(MemoryErasure(stream: stream, from: from, to: to))
        return Request(store: store, asked: asked, log: log, logger: logger)
    }

    private var isThere: Bool { access(path, F_OK) == 0 }

    /// An erasure that was asked for.
    package struct Request {
        fileprivate let store: MemoryStore
        fileprivate let asked: AskedErasure
        fileprivate let log: String
        fileprivate let logger: Logger

        /// Waits until it is done, or does it where no daemon runs.
        ///
        /// - Returns: false where a daemon runs that has not done it in time.
        /// - Throws: `MemoryStoreError`, `EventLogError`; it is done all the same when a daemon starts.
        package func finish(within patience: Duration) throws -> Bool {
            let end = ContinuousClock.now + patience
            while try store.erasures().contains(asked) {
                if let lock = try lockIfFree() {
                    // Opening does it.
                    try MemoryKeeper(besideLog: log, logger: logger).close()
                    lock.unlock()
                } else {
                    guard ContinuousClock.now < end else { return false }
                    usleep(100_000)
                }
            }
            return true
        }

        private func lockIfFree() throws -> FileLock? {
            do {
                return try FileLock(path: MemoryStore.lockPath(besideLog: log))
            } catch let error as EventLogError where error.reason == .inUse {
                return nil
            }
        }
    }
}
