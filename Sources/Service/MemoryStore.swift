internal import GRDB
internal import Glibc
internal import Memory

/// What streams remember, in an SQLite file (write-ahead log, `synchronous=NORMAL`) beside a daemon's event log. The daemon holds a lock on it, since
/// it has all of it in memory too; another process may only ask for erasures. A process that is killed loses nothing that was written; a power cut may lose the last writes. Thread-safe.
final class MemoryStore: Sendable {
    let path: String
    private let database: DatabaseQueue

    /// The memory that belongs to an event log.
    static func path(besideLog log: String) -> String { log + ".memory" }

    /// The lock of the process that remembers; of others only one that finds nobody there may change more than what is asked for.
    static func lockPath(besideLog log: String) -> String { path(besideLog: log) + ".lock" }

    /// Opens the file, or begins one where there is none.
    ///
    /// - Throws: `MemoryStoreError`.
    init(path: String) throws(MemoryStoreError) {
        self.path = path
        do {
            try Self.create(path)
            var configuration = Configuration()
            configuration.label = "videowire.memory"
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(5)
            // What is forgotten leaves nothing in free pages.
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA secure_delete = ON") }
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.writeWithoutTransaction { try MemorySchema.setUp($0) }
        } catch {
            throw MemoryStoreError(path: path, error)
        }
    }

    /// Everything that is stored.
    ///
    /// - Throws: `MemoryStoreError`.
    func load() throws(MemoryStoreError) -> [String: StoredMemory] {
        do {
            return try database.read { try MemorySchema.load($0) }
        } catch {
            throw MemoryStoreError(path: path, error)
        }
    }

    /// Reads a file that a running daemon may hold.
    ///
    /// - Throws: `MemoryStoreError`.
    static func read(path: String) throws(MemoryStoreError) -> [String: StoredMemory] {
        guard access(path, F_OK) == 0 else {
            throw MemoryStoreError(path: path, reason: .missing, detail: String(cString: strerror(errno)))
        }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let database = try DatabaseQueue(path: path, configuration: configuration)
            return try database.read { try MemorySchema.version(of: $0) == nil ? [:] : MemorySchema.load($0) }
        } catch {
            throw MemoryStoreError(path: path, error)
        }
    }

    /// Commits what has changed of a stream's bank.
    ///
    /// - Parameter written: what the last call for the stream gave back.
    /// - Returns: the revisions of the slots that are stored now.
    /// - Throws: `MemoryStoreError`; then nothing was written.
    func write(
        _ bank: MemoryBank, tokenizer: String, video: VideoSize?, stream: String, over written: [Int64: Int64]
    ) throws(MemoryStoreError) -> [Int64: Int64] {
        do {
            try database.write {
                try MemorySchema.write(
                    bank, tokenizer: tokenizer, video: video, stream: stream, over: written, $0)
            }
            return Dictionary(bank.summary.map { ($0.run.first, $0.revision) }) { $1 }
        } catch {
            throw MemoryStoreError(path: path, error)
        }
    }

    /// Has the process that remembers erase something, soon or when it starts.
    func ask(_ erasure: MemoryErasure) throws(MemoryStoreError) -> AskedErasure {
        try perform { AskedErasure(number: try MemorySchema.ask(erasure, $0), erasure: erasure) }
    }

    /// What was asked for and is not done yet, the oldest first.
    func erasures() throws(MemoryStoreError) -> [AskedErasure] {
        try perform { try MemorySchema.erasures($0) }
    }

    /// For an erasure that is done: nothing of it is in the file any more.
    func remove(_ asked: AskedErasure) throws(MemoryStoreError) {
        try perform { try MemorySchema.remove(asked, $0) }
    }

    private func perform<Value>(_ body: (Database) throws -> Value) throws(MemoryStoreError) -> Value {
        do {
            return try database.writeWithoutTransaction(body)
        } catch {
            throw MemoryStoreError(path: path, error)
        }
    }

    /// Writes the file anew without what was deleted: pages that were moved about earlier may hold copies.
    func purge() throws(MemoryStoreError) {
        try perform { try $0.execute(sql: "VACUUM") }
        try checkpoint()
    }

    /// Empties the write-ahead log, so that nothing deleted is left in it.
    func checkpoint() throws(MemoryStoreError) {
        do {
            _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        } catch {
            throw MemoryStoreError(path: path, error)
        }
    }

    /// Nothing may be called after.
    func close() throws(MemoryStoreError) {
        try checkpoint()
        do {
            try database.close()
        } catch {
            throw MemoryStoreError(path: path, error)
        }
    }

    /// SQLite would let everybody read the file; its companions get the mode that it has.
    private static func create(_ path: String) throws(MemoryStoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw MemoryStoreError(path: path, reason: .unwritable, detail: String(cString: strerror(errno)))
        }
        Glibc.close(descriptor)
    }
}
