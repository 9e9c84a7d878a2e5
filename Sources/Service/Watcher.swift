internal import Dispatch
internal import Events
internal import Glibc
internal import Logging
internal import Media
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals

/// The work of `videowire watch`: the events of a running daemon on standard output.
public struct Watcher: Sendable {
    public struct Request: Sendable {
        public var socket: String
        /// Globs; empty: all.
        public var streams: [String]
        public var types: [String]
        /// `live`, an RFC 3339 time, or EPOCH/SEQUENCE.
        public var from: String
        /// Connects again when the daemon goes away, and goes on after the last event seen.
        public var resumes: Bool
        public var json: Bool

        public init(socket: String, streams: [String], types: [String], from: String, resumes: Bool, json: Bool) {
            self.socket = socket
            self.streams = streams
            self.types = types
            self.from = from
            self.resumes = resumes
            self.json = json
        }
    }

    /// Runs until the daemon goes away (for ever, where it resumes), the reader has gone, or SIGINT or SIGTERM came.
    /// - Throws: `EventSocketError`, `FileOutput.Failure`, `BadStart`, `Refused`.
    public static func run(_ request: Request) async throws {
        let start = try SubscribeRequest.Start(parsing: request.from)
        let logger = Logger.toStandardError("videowire", level: .critical)
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: Connection(request: request, start: start),
                        successTerminationBehavior: .gracefullyShutdownGroup)
                ], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
        try await group.run()
    }

    /// `--from` that says nothing known.
    struct BadStart: Error, CustomStringConvertible {
        var text: String
        var description: String {
            "--from \(text): must be live, a time such as 2026-11-21T00:10:02Z, or the id of the last event seen (EPOCH/SEQUENCE)"
        }
    }

    /// What the daemon answered to a request that it does not take, or before it closed.
    struct Refused: Error, CustomStringConvertible {
        var code: String
        var description: String

        /// The command line asked for what there is not; to ask again is of no use.
        var isWrongRequest: Bool { code == "bad-request" || code == "line-too-long" }

        /// Nil for lines other than `error`.
        init?(_ line: String) {
            guard let event = JSONValue(line), event["type"]?.string == EventName.error.type else { return nil }
            code = event["data"]?["code"]?.string ?? ""
            let field = event["data"]?["field"]?.string.map { "\($0) " } ?? ""
            description = "the daemon answered: \(field)\(event["data"]?["message"]?.string ?? code)"
        }
    }

    private struct Connection: Service {
        let request: Request
        let start: SubscribeRequest.Start

        func run() async throws {
            try await withGracefulShutdownHandler {
                try await cancelWhenGracefulShutdown {
                    do {
                        try await watch()
                    } catch is CancellationError {}
                }
            } onGracefulShutdown: {
                // Nothing else ends a write to a reader that does not read.
                DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(2)) { exit(0) }
            }
        }

        private func watch() async throws {
            let start = Mutex(start)
            let printer = PrettyPrinter(usesColour: !request.json && standardOutputIsTerminal(), showsStream: true)
            while !Task.isCancelled {
                do {
                    try await follow(from: start, printer: printer)
                    guard request.resumes else { return }
                    printError("videowire: the daemon has gone; connecting again")
                } catch let error as EventSocketError where request.resumes {
                    printError("videowire: \(error); trying again")
                } catch let error as Refused where request.resumes && !error.isWrongRequest {
                    printError("videowire: \(error); trying again")
                }
                try await Task.sleep(for: .seconds(1))
            }
        }

        /// Prints one connection's lines; moves the start on, to where the next connection has to begin.
        private func follow(from start: borrowing Mutex<SubscribeRequest.Start>, printer: PrettyPrinter) async throws {
            let subscription = SubscribeRequest(
                streams: request.streams, types: request.types, start: start.withLock { $0 })
            try await EventClient(path: request.socket).withConnection { connection in
                var output = FileOutput()
                try await connection.subscribe(subscription)
                while let line = try await connection.next() {
                    if let position = Position(line) {
                        start.withLock { $0 = .after(epoch: position.epoch, sequence: position.sequence) }
                    }
                    if let text = request.json ? line : printer.render(line) {
                        try output.write((text + "\n").utf8)
                        try output.flush()
                    }
                    if let refused = Refused(line) { throw refused }
                }
            }
        }
    }
}

/// Where in the log a line is: its own number, or the one that a heartbeat tells.
private struct Position {
    var epoch: String
    var sequence: UInt64

    init?(_ line: String) {
        guard let event = JSONValue(line), let epoch = event["epoch"]?.string else { return nil }
        let isHeartbeat = event["type"]?.string == EventName.heartbeat.type
        let told = isHeartbeat ? event["data"]?["seq"] : event["sequence"]
        guard let sequence = told?.string.flatMap({ UInt64($0) }) else { return nil }
        self.epoch = epoch
        self.sequence = sequence
    }
}

extension SubscribeRequest.Start {
    fileprivate init(parsing text: String) throws {
        if text == "live" {
            self = .live
        } else if let time = UTC(rfc3339: text) {
            self = .time(time)
        } else if let slash = text.firstIndex(of: "/"), let sequence = UInt64(text[text.index(after: slash)...]) {
            self = .after(epoch: String(text[..<slash]), sequence: sequence)
        } else {
            throw Watcher.BadStart(text: text)
        }
    }
}
