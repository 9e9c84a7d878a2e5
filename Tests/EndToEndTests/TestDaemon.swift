import Foundation

/// A daemon with a socket and a log of its own.
struct TestDaemon {
    let program: Program
    let socket: String
    let log: String
    private let scratch: Scratch
    private let name: String

    /// - Parameters:
    ///   - log: nil for a file in the scratch folder.
    ///   - more: further lines of the configuration, on its top level.
    init(
        _ scratch: Scratch, name: String = "daemon", streams: [String: String] = [:], socket: String? = nil,
        log: String? = nil, more: String = "", environment: [String: String] = [:]
    ) throws {
        self.scratch = scratch
        self.name = name
        self.socket = socket ?? scratch.path("\(name).sock")
        self.log = log ?? scratch.path("\(name).sqlite")
        let text = Self.configuration(socket: self.socket, log: self.log, streams: streams, more: more)
        let config = try scratch.write("\(name).yaml", text)
        program = try Program("videowire", ["daemon", "--config", config], environment: environment)
    }

    /// - Parameter configuration: of a daemon with this socket and this log.
    init(_ scratch: Scratch, configuration: String, socket: String, log: String) throws {
        self.scratch = scratch
        name = "daemon"
        (self.socket, self.log) = (socket, log)
        program = try Program("videowire", ["daemon", "--config", try scratch.write("daemon.yaml", configuration)])
    }

    /// Writes another configuration of the same socket and log, and has it read.
    func reload(streams: [String: String], more: String = "") throws {
        try reload(Self.configuration(socket: socket, log: log, streams: streams, more: more))
    }

    /// Writes any configuration, and has it read.
    func reload(_ configuration: String) throws {
        _ = try scratch.write("\(name).yaml", configuration)
        program.signal(SIGHUP)
    }

    /// Returns when the socket takes connections; after a while in any case.
    func untilServing() async throws {
        let end = ContinuousClock.now + .seconds(10)
        while (try? RawClient(path: socket)) == nil, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A consumer with JSON lines.
    func watch(_ options: [String] = []) throws -> Program {
        try Program("videowire", ["watch", "--socket", socket, "--json"] + options)
    }

    static func configuration(
        socket: String, log: String, streams: [String: String], more: String = ""
    ) -> String {
        let entries = streams.sorted { $0.key < $1.key }.map { "  \($0): {source: \"\($1)\"}\n" }.joined()
        return """
            socket: {path: "\(socket)", heartbeat_seconds: 1}
            log: {path: "\(log)"}
            \(more)
            streams:
            \(entries)
            """
    }
}
