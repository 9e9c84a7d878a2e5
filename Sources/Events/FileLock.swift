internal import Glibc

/// An advisory lock on a file beside the log; the kernel lets go of it when the process ends, however it ends.
package final class FileLock: Sendable {
    private let descriptor: CInt

    /// - Parameter patience: how long to wait for another process that holds it; blocks the thread.
    /// - Throws: `EventLogError`.
    package init(path: String, patience: Duration = .zero) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw EventLogError(path: path, reason: .unwritable, detail: String(cString: strerror(errno)))
        }
        let end = ContinuousClock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now < end else {
                Glibc.close(descriptor)
                throw EventLogError(path: path, reason: .inUse, detail: "another process holds it")
            }
            usleep(20_000)
        }
    }

    package func unlock() {
        flock(descriptor, LOCK_UN)
    }

    deinit {
        Glibc.close(descriptor)
    }
}
