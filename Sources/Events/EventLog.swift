internal import GRDB
internal import Glibc
internal import Media
internal import Synchronization

/// The numbered events of a daemon in an SQLite file (write-ahead log, `synchronous=NORMAL`).
///
/// A process that is killed loses nothing that was committed. A power cut may lose the last commits: the log notices it
/// by the machine's boot id and goes on under a new epoch. One process at a time holds a log. Thread-safe.
public final class EventLog: Sendable {
    /// What is kept; the older and the surplus is deleted, oldest first.
    public struct Retention: Sendable, Hashable {
        public var maximumAge: Duration
        /// Bytes of the database in use. Its write-ahead log may take some MB more.
        public var maximumBytes: Int

        public init(maximumAge: Duration = .seconds(7 * 86_400), maximumBytes: Int = 1 << 30) {
            self.maximumAge = maximumAge
            self.maximumBytes = maximumBytes
        }
    }

    public let path: String
    let epochs: EpochHistory

    private let database: DatabasePool
    private let lock: FileLock
    private let tail: Mutex<LogTail>
    private let limits: Mutex<Retention>
    /// How often something was erased from the file, as far as is known.
    private let forgotten: Mutex<UInt64>

    /// Names the present run of numbers; a ULID kept in the file.
    public var epoch: String { epochs.current }

    /// The number of the newest committed event, 0 for an empty log.
    public var newest: UInt64 { tail.withLock { $0.newest } }

    /// Takes effect within seconds. Any thread.
    public var retention: Retention {
        get { limits.withLock { $0 } }
        set { limits.withLock { $0 = newValue } }
    }

    /// Opens the log, or begins one where there is none.
    ///
    /// - Throws: `EventLogError`.
    public convenience init(path: String, retention: Retention = Retention()) throws {
        try self.init(path: path, retention: retention, bootID: BootID.current)
    }

    /// - Parameters:
    ///   - bootID: identifies the run of the machine.
    ///   - pageLimit: the most 4 KiB pages that the file may have: stands for a full file system.
    package init(path: String, retention: Retention, bootID: String, pageLimit: Int? = nil) throws {
        self.path = path
        limits = Mutex(retention)
        forgotten = Mutex(0)
        do {
            lock = try FileLock(path: path + ".lock")
            try Self.create(path)
            var configuration = Configuration()
            configuration.label = "videowire.log"
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { try LogSchema.eraseWhatIsDeleted($0) }
            database = try DatabasePool(path: path, configuration: configuration)
            let schema = LogSchema(bootID: bootID, pageLimit: pageLimit)
            try database.writeWithoutTransaction { try schema.setUp($0) }
            let state = try database.write { try schema.begin($0) }
            // To the disk before anything is numbered: after a power cut the mark must be there.
            _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            epochs = state.epochs
            tail = Mutex(LogTail(newest: state.newest))
        } catch {
            throw EventLogError(path: path, error)
        }
    }

    /// Marks the end of an orderly run and closes the file. Nothing may be called after.
    ///
    /// - Throws: `EventLogError`.
    public func close() throws {
        do {
            try database.write { try LogSchema.end($0) }
            _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try database.close()
            lock.unlock()
        } catch {
            throw EventLogError(path: path, error)
        }
    }

    /// The highest session number of a stream in any event so far, so that numbers go on after a restart; nil for new
    /// streams.
    ///
    /// - Throws: `EventLogError`.
    public func lastSession(stream: String) throws -> Int? {
        do {
            return try database.read { try LogSchema.lastSession($0, stream: stream) }
        } catch {
            throw EventLogError(path: path, error)
        }
    }

    /// Commits records in one transaction. Not cancelled with its task: what has a number must be written.
    func append(_ records: [LogRecord]) async throws {
        try await write { try LogSchema.insert(records, $0) }
        tail.withLock { $0.append(records) }
    }

    /// Forgets what is in memory where another process has erased something from the file (`LogEraser`).
    package func forgetWhatWasErased() async throws {
        let count = try await read { try LogSchema.forgotten($0) }
        let isNew = forgotten.withLock { known in
            defer { known = count }
            return known != count
        }
        if isNew { tail.withLock { $0 = LogTail(newest: $0.newest) } }
    }

    /// Deletes what is too old and what is too much.
    ///
    /// - Returns: how many records were deleted.
    @discardableResult
    package func applyRetention() async throws -> Int {
        let retention = retention
        let age = retention.maximumAge.components
        let oldest = UTC.now().nanoseconds - age.seconds * 1_000_000_000 - age.attoseconds / 1_000_000_000
        let bytes = retention.maximumBytes
        var deleted = 0
        while true {
            // In steps, so that commits come between.
            let step = try await write { try LogSchema.trim($0, olderThan: oldest, maximumBytes: bytes) }
            deleted += step
            if step == 0 { return deleted }
        }
    }

    /// The newest records from memory; nil where the file must be read. Never blocks.
    package func tailPage(after cursor: UInt64, filter: EventFilter) -> LogPage? {
        tail.withLock { $0.page(after: cursor, filter: filter) }
    }

    /// Reads on a thread of the database.
    package func page(after cursor: UInt64, filter: EventFilter) async throws -> LogPage {
        try await read { try LogSchema.page($0, after: cursor, filter: filter) }
    }

    /// The cursor from which reading starts with the first event emitted at or after a point of time.
    func cursor(at time: UTC) async throws -> UInt64 {
        try await read { try LogSchema.cursor($0, at: time) }
    }

    /// The oldest number that is still there; one more than the newest where none is.
    package func oldest() async throws -> UInt64 {
        try await read { try LogSchema.oldest($0) }
    }

    /// SQLite would let everybody read the file; its companions get the mode that it has.
    private static func create(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw EventLogError(path: path, reason: .unwritable, detail: String(cString: strerror(errno)))
        }
        Glibc.close(descriptor)
    }

    private func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            database.asyncWrite(body) { [path] _, result in
                continuation.resume(with: result.mapError { EventLogError(path: path, $0) })
            }
        }
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            database.asyncRead { [path] access in
                let result = Result { try body(access.get()) }
                continuation.resume(with: result.mapError { EventLogError(path: path, $0) })
            }
        }
    }
}
