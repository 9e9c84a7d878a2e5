import Events
import Foundation
import Logging
import Media

/// Damaged log files: opened, read from the start, written to, closed.
struct LogSubject: Subject {
    private let seed: [UInt8]
    private let path: String

    init(scratch: URL) async throws {
        path = scratch.appendingPathComponent("input").path
        let made = scratch.appendingPathComponent("seed.db").path
        Self.remove(made)
        let log = try EventLog(path: made)
        try await Self.publish(40, to: log)
        seed = [UInt8](try Data(contentsOf: URL(fileURLWithPath: made)))
    }

    func makeInput(_ random: inout RandomNumbers) -> [UInt8] {
        ByteMutation.mutate(seed, others: [seed], &random)
    }

    func use(_ input: [UInt8], number: Int) async -> String? {
        defer { Self.remove(path) }
        do {
            let log = try EventLog(path: path)
            _ = try log.lastSession(stream: "front-door")
            var cursor: UInt64 = 0
            // As a consumer reads: page after page up to the newest.
            while cursor < log.newest {
                let page = try await log.page(after: cursor, filter: EventFilter())
                guard page.through > cursor else { return "reading does not get on after \(cursor)" }
                cursor = page.through
            }
            try await Self.publish(2, to: log)
            return nil
        } catch let error as EventLogError {
            return error.description.contains(path) ? nil : "an error that does not name the file: \(error)"
        } catch {
            return "another error: \(error)"
        }
    }

    /// Commits events and closes the log.
    private static func publish(_ count: Int, to log: EventLog) async throws {
        let hub = EventHub(log: log, logger: Logger(label: "mutation") { _ in SwiftLogNoOpLogHandler() })
        for index in 0..<count {
            hub.publish(.streamState(.live, stream: "front-door", session: index, reason: "pictures are coming"))
        }
        let run = Task { try await hub.run() }
        for _ in 0..<400 where hub.status.committed < hub.status.accepted && hub.status.failure == nil {
            try await Task.sleep(for: .milliseconds(1))
        }
        run.cancel()
        try await run.value
    }

    private static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", ".lock", "-journal"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }
}
