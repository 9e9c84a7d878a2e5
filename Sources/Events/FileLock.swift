internal import Glibc

/// An advisory lock on a file beside the log; the kernel lets go of it when the process ends, however it ends.
final class FileLock: Sendable {
    private let descriptor: CInt

    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw EventLogError(path: path, reason: .unwritable, detail: String(cString: strerror(errno)))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(descriptor)
            throw EventLogError(path: path, reason: .inUse, detail: "another process holds it")
        }
    }

    func unlock() {
        flock(descriptor, LOCK_UN)
    }

    deinit {
        Glibc.close(descriptor)
    }
}
