internal import GRDB
internal import Memory

/// Why the file of what streams remember cannot be opened, read or written. Its description says where and what to do.
package struct MemoryStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        /// There is no such file.
        case missing
        /// The folder is missing, the path is no file, or permissions forbid it.
        case unwritable
        case full
        /// The file is no database, or parts of it are broken.
        case damaged
        /// It is a database of another program, or of a newer version.
        case foreign
        case other
    }

    package let path: String
    package let reason: Reason
    /// What is wrong.
    package let detail: String

    package var description: String {
        let remedy =
            switch reason {
            case .missing: "name the log of a daemon that has tokenized a clip"
            case .unwritable: "make the file readable and its folder writable for this user"
            case .full: "free space on its file system"
            case .damaged: "move the file and its -wal and -shm companions away; the streams then remember anew"
            case .foreign: "move it away, or upgrade videowire"
            case .other: "if that does not pass, move the file and its -wal and -shm companions away"
            }
        return "memory \(path): \(detail); \(remedy)"
    }

    init(path: String, reason: Reason, detail: String) {
        self.path = path
        self.reason = reason
        self.detail = detail
    }

    init(path: String, _ error: any Error) {
        self.path = path
        switch error {
        case let error as MemoryStoreError:
            (reason, detail) = (error.reason, error.detail)
        case let error as MemoryError:
            (reason, detail) = (.damaged, error.description)
        case let error as DatabaseError:
            detail = error.message ?? "\(error.resultCode)"
            reason =
                switch error.resultCode {
                case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .unwritable
                case .SQLITE_FULL: .full
                // All statements are fixed: a table or a column is missing, or holds what it must not.
                case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH,
                    .SQLITE_TOOBIG:
                    .damaged
                default: .other
                }
        default:
            (reason, detail) = (.other, "\(error)")
        }
    }
}
