import Foundation

/// A daemon with a socket and a log of its own.
struct TestDaemon {
    let program: Program
    let socket: String
    let log: String

    /// - Parameters:
    ///   - log: nil for a file in the scratch folder.
    ///   - more: further lines of the configuration, on its top level.
    init(
        _ scratch: Scratch, name: String = "daemon", streams: [String: String] = [:], socket: String? = nil,
        log: String? = nil, more: String = ""
    ) throws {
        self.socket = socket ?? scratch.path("\(name).sock")
        self.log = log ?? scratch.path("\(name).sqlite")
        let entries = streams.sorted { $0.key < $1.key }.map { "  \($0): {source: \"\($1)\"}\n" }.joined()
        let config = try scratch.write(
            "\(name).yaml",
            "socket: {path: \"\(self.socket)\", heartbeat_seconds: 1}\nlog: {path: \"\(self.log)\"}\n\(more)streams:\n\(entries)"
        )
        program = try Program("videowire", ["daemon", "--config", config])
    }

    /// Returns when the socket takes connections; after a while in any case.
    func untilServing() async throws {
        let end = ContinuousClock.now + .seconds(10)
        while (try? RawClient(path: socket)) == nil, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
