import Events
import Foundation
import Logging
import Media

/// Lines from clients of every kind, over a real socket to a real server, while a well-behaved consumer goes on.
final class SubscribeSubject: Subject {
    private let hub: EventHub
    private let path: String
    private let steady: LineSocket
    private let connection: Slot

    /// The connection that gets the inputs; a new one after the server has closed it.
    private actor Slot {
        var socket: LineSocket?
        func take() -> LineSocket? {
            defer { socket = nil }
            return socket
        }
        func put(_ socket: LineSocket) { self.socket = socket }
    }

    init(scratch: URL) async throws {
        let folder = scratch.appendingPathComponent("wire-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let logger = Logger(label: "mutation") { _ in SwiftLogNoOpLogHandler() }
        let log = try EventLog(path: folder.appendingPathComponent("log").path)
        let hub = EventHub(log: log, logger: logger)
        let path = folder.appendingPathComponent("s").path
        let server = EventServer(
            hub: hub, settings: EventServer.Settings(path: path, version: "mutation"), logger: logger)
        Task { try await hub.run() }
        Task { try await server.run() }
        for index in 0..<20 { hub.publish(Self.event(index)) }
        while !FileManager.default.fileExists(atPath: path) || hub.status.committed < 20 {
            try await Task.sleep(for: .milliseconds(5))
        }
        self.hub = hub
        self.path = path
        steady = try LineSocket(path: path)
        try steady.send(#"{"subscribe":{"types":["stream.state"]}}"#)
        // The answer: from here on it gets everything.
        while let line = try steady.next(), JSONValue(line)?["type"]?.string != EventName.heartbeat.type {}
        connection = Slot()
    }

    private static func event(_ index: Int) -> Event {
        .streamState(.live, stream: "front-door", session: index, reason: String(repeating: "r", count: 300))
    }

    func makeInput(_ random: inout RandomNumbers) -> [UInt8] {
        let seed = random.pick(Self.seeds)
        var bytes = Array(seed.utf8)
        switch random.number(0..<10) {
        case 0..<3: bytes = ByteMutation.mutate(bytes, others: Self.seeds.map { Array($0.utf8) }, &random)
        default: bytes = Array(Self.grammar.mutate(seed, &random).utf8)
        }
        return bytes
    }

    func use(_ input: [UInt8], number: Int) async -> String? {
        let (hub, steady) = (hub, steady)
        do {
            let socket = try await connection.take() ?? LineSocket(path: path)
            let mark = "m-\(number)"
            try socket.send(input + Array("\n{\"ping\":\"\(mark)\"}\n".utf8))
            let isTooLong = input.split(separator: UInt8(ascii: "\n")).contains { $0.count > 65_536 }
            var error: String?
            while let line = try socket.next() {
                guard let event = JSONValue(line) else { return "the server sent what is no JSON: \(line.prefix(200))" }
                if event["data"]?["ping"]?.string == mark {
                    await connection.put(socket)
                    break
                }
                error = event["data"]?["code"]?.string ?? error
                if error == "line-too-long" { break }
            }
            if error == "line-too-long", !isTooLong { return "a short line is called too long" }
            if isTooLong, error != "line-too-long" { return "a long line was taken" }
            guard number.isMultiple(of: 50) else { return nil }
            let event = 1_000 + number
            hub.publish(Self.event(event))
            while let line = try steady.next() {
                if JSONValue(line)?["data"]?["session"]?.integer == Int64(event) { return nil }
            }
            return "the other consumer got nothing"
        } catch {
            return "\(error)"
        }
    }

    private static let seeds = [
        #"{"subscribe":{"streams":["front-*"],"types":["clip.*","caption.final"],"from":"live","policy":"drop-oldest","max_queue":1024}}"#,
        #"{"subscribe":{"from":{"epoch":"01KAJ5N1Q0V7Z8RWXK3M4P5T6S","seq":12}}}"#,
        #"{"subscribe":{"from":{"epoch":"01KAJ5N1Q0V7Z8RWXK3M4P5T6S","seq":"00000000000000000012"},"policy":"block-ms:500"}}"#,
        #"{"subscribe":{"from":{"utc":"2026-11-21T00:10:02.512Z"},"policy":"disconnect","max_queue":1}}"#,
        #"{"subscribe":{}}"#, #"{"ping":{"n":[1,2.5e3,-7,"ü\u00e9\ud83d\ude00",null,true]}}"#,
    ]

    private static let grammar = TextMutation(
        values: TextMutation.numbers + [
            "null", "true", "[]", "{}", "\"live\"", "\"x\"", "\"\"", "[\"*\"]", "[1]",
            "\"block-ms:99999999999999999999\"",
            "\"block-ms:-1\"", "\"0000-00-00T00:00:00Z\"", "\"9999-12-31T23:59:60Z\"",
            "\"292277026596-01-01T00:00:00Z\"",
            "\"" + String(repeating: "*a", count: 120) + "\"", String(repeating: "[", count: 5_000),
            "\"" + String(repeating: "x", count: 60_000) + "\"", "\"" + String(repeating: "x", count: 70_000) + "\"",
        ],
        words: [
            ",", ":", "{", "}", "[", "]", "\"", "\\", "\\u0000", "\\ud800", "\\udc00\\ud800", "\u{0}", "\u{7F}", "\r",
            "\n", "\t", "//",
            "\"a\":1,", "\"from\":\"live\",", "\"subscribe\":{},", "\u{FEFF}", "\u{1F3A5}",
            String(repeating: "{\"a\":", count: 5_000), String(repeating: "[", count: 60_000),
            "[" + String(repeating: "\"a\",", count: 100) + "\"a\"]",
        ])
}
