import Events
import Foundation
import Logging
import ServiceLifecycle
import Testing

/// Runs a hub until `body` is done, then shuts it down in order, which closes the log.
func withHub(
    _ log: EventLog, capacity: Int = 8_192, _ body: @escaping @Sendable (EventHub) async throws -> Void
) async throws {
    let hub = EventHub(log: log, capacity: capacity, logger: quiet)
    try await withServices([hub]) { try await body(hub) }
}

/// Runs services until `body` is done, then shuts them down in order.
func withServices(_ services: [any Service], _ body: @escaping @Sendable () async throws -> Void) async throws {
    let group = ServiceGroup(configuration: .init(services: services.map { .init(service: $0) }, logger: quiet))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        tasks.addTask {
            try await body()
            await group.triggerGracefulShutdown()
        }
        // Either ends the other by its error.
        for try await _ in tasks {}
    }
}

/// Waits for something that other threads bring about.
func eventually(
    within limit: Duration = .seconds(5), _ comment: Comment? = nil, location: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while clock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record(comment ?? "did not happen in time", sourceLocation: location)
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A line's sequence as a number; nil for lines without.
func sequence(_ line: String) -> UInt64? {
    // Not parsed: there are many lines, and the samples' texts do not contain the name.
    let name = Array("\"sequence\":\"".utf8)
    let bytes = Array(line.utf8)
    for start in bytes.indices.dropLast(name.count + 20) where bytes[start] == name[0] {
        guard bytes[start..<start + name.count].elementsEqual(name) else { continue }
        return UInt64(String(decoding: bytes[start + name.count..<start + name.count + 20], as: UTF8.self))
    }
    return nil
}
