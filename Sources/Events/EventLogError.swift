internal import GRDB

/// Why the event log cannot be opened, read or written. Its description says where and what to do.
public struct EventLogError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
        /// The folder is missing, the path is no file, or permissions forbid it.
        case unwritable
        /// No space left on the file system.
        case full
        /// The file is no database, or parts of it are broken.
        case damaged
        /// Another process holds it.
        case inUse
        /// It is a database of another program, or of a newer version.
        case foreign
        /// It is a log of an older version, and only a daemon brings it up to date.
        case outdated
        /// It is not there, or may not be read.
        case unreadable
        case other
    }

    public let path: String
    public let reason: Reason
    /// What the system said.
    public let detail: String

    public var description: String {
        let remedy =
            switch reason {
            case .unwritable: "make its folder exist and be writable for this user, or choose another path"
            case .full: "free space on its file system, or lower the log's size limit"
            case .damaged:
                "move the file and its -wal and -shm companions away; a new log with a new epoch is then begun"
            case .inUse: "stop the other process, or give each daemon its own log"
            case .foreign: "choose another path, or upgrade videowire"
            case .outdated: "start a daemon of this version on it once"
            case .unreadable: "name the log of a daemon with --log, and be a user that may read it"
            case .other: "if that does not pass, move the file and its -wal and -shm companions away"
            }
        return "event log \(path): \(detail); \(remedy)"
    }

    init(path: String, reason: Reason, detail: String) {
        self.path = path
        self.reason = reason
        self.detail = detail
    }

    /// Of a log that is only read.
    init(reading path: String, _ error: any Error) {
        let error = EventLogError(path: path, error)
        self.init(
            path: path, reason: error.reason == .unwritable ? .unreadable : error.reason, detail: error.detail)
    }

    init(path: String, _ error: any Error) {
        self.path = path
        guard let error = error as? DatabaseError else {
            let known = error as? EventLogError
            (reason, detail) = (known?.reason ?? .other, known?.detail ?? "\(error)")
            return
        }
        detail = error.message ?? "\(error.resultCode)"
        reason =
            switch error.resultCode {
            case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .unwritable
            case .SQLITE_FULL: .full
            // All statements are fixed: a table or a column is missing, or holds what it must not.
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG:
                .damaged
            case .SQLITE_BUSY, .SQLITE_LOCKED: .inUse
            default: .other
            }
    }
}
