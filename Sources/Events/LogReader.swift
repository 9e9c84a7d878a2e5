internal import GRDB
package import Media

/// A log that this process only reads; a daemon may be writing it. Blocks; thread-safe.
package final class LogReader: Sendable {
    private let path: String
    private let database: DatabaseQueue

    /// - Throws: `EventLogError` where there is no log of this version, or it may not be read.
    package init(path: String) throws {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.read { try LogSchema.checkVersion($0) }
        } catch {
            throw EventLogError(reading: path, error)
        }
    }

    /// - Throws: `EventLogError`.
    package func search(_ search: CaptionSearch) throws -> [FoundCaption] {
        try read { try CaptionIndex.search(search, $0) }
    }

    /// The line of a clip's tokens; nil where it has gone.
    ///
    /// - Parameters:
    ///   - subject: `SESSION/CLIP`.
    ///   - time: when something about the clip was emitted.
    /// - Throws: `EventLogError`.
    package func clipLine(stream: String, subject: String, near time: UTC) throws -> String? {
        try read { try CaptionIndex.clipLine(stream: stream, subject: subject, near: time, $0) }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try database.read(body)
        } catch {
            throw EventLogError(reading: path, error)
        }
    }
}
