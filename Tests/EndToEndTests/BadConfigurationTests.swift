import Foundation
import Testing

/// Configurations and places that a daemon cannot work with; docs/errors.md says what it says of each.
@Suite struct BadConfigurationTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func expect(
        _ row: String, yaml: String, environment: [String: String] = [:], place: String = ""
    ) async throws {
        let config = try scratch.write("wrong.yaml", yaml)
        let result = try await Program.run("videowire", ["daemon", "--config", config], environment: environment)
        try DocumentedError.expect(row, result)
        #expect(result.errors.contains(place), "\(row): \(result.errors)")
    }

    @Test func wrongConfigurationsAreSaidWithTheirPlace() async throws {
        let missing = try await Program.run("videowire", ["daemon", "--config", scratch.path("none.yaml")])
        try DocumentedError.expect("No such configuration file", missing)
        try Data([0x73, 0xFF, 0xFE, 0x0A]).write(to: scratch.url.appending(path: "latin.yaml"))
        let latin = try await Program.run("videowire", ["daemon", "--config", scratch.path("latin.yaml")])
        try DocumentedError.expect("A configuration that is no text", latin)
        try await expect("YAML that cannot be read", yaml: "socket:\n  path: /tmp/x\n log: [\n", place: "wrong.yaml:3:")
        try await expect(
            "A key that is there twice",
            yaml: "socket:\n  path: /a\nlog:\n  keep_days: 1\n  path: /b\n  keep_days: 2\n",
            place: "wrong.yaml:6: the key keep_days")
        try await expect("A key that is not known", yaml: "socket:\n  pth: /tmp/x\n", place: "wrong.yaml:2: ")
        try await expect("A value of another kind", yaml: "log:\n  keep_days: soon\n", place: "wrong.yaml:2: ")
        try await expect("A value that is none of the choices", yaml: "log_level: loud\n", place: "wrong.yaml:1: ")
        try await expect(
            "A stream's name with other letters", yaml: "streams:\n  Front Door:\n    source: x\n",
            place: "wrong.yaml:2: ")
        try await expect(
            "A stream without a source", yaml: "streams:\n  a:\n    captions: true\n", place: "wrong.yaml:2: ")
        try await expect(
            "A source of an unknown kind", yaml: "streams:\n  a:\n    source: http://x/y\n", place: "wrong.yaml:3: ")
        try await expect(
            "A misspelt environment variable", yaml: "", environment: ["VIDEOWIRE_SOCKETPATH": "/tmp/x"],
            place: "VIDEOWIRE_SOCKET_PATH")
    }

    @Test func placesThatCannotBeUsedAreNamed() async throws {
        let cases: [(String, String?, String?)] = [
            ("A socket where nothing can be made", "/proc/videowire/s", nil),
            ("A socket whose path is too long", scratch.path(String(repeating: "x", count: 120)), nil),
            ("A file in the socket's place", try scratch.write("file", "kept"), nil),
            ("A log where nothing can be made", nil, "/proc/videowire/log"),
            (
                "A log file that is damaged", nil,
                try scratch.write("damaged", String(repeating: "damage ", count: 2_000))
            ),
            (
                "A database of another program", nil,
                try await database("recipes.sqlite", "CREATE TABLE recipes (name TEXT)")
            ),
            ("A log that was edited by hand", nil, try await editedLog("UPDATE state SET newest = 'many'")),
        ]
        for (index, (row, socket, log)) in cases.enumerated() {
            let daemon = try TestDaemon(scratch, name: "d\(index)", socket: socket, log: log)
            try DocumentedError.expect(row, await daemon.program.finish())
        }
        #expect(try String(contentsOfFile: scratch.path("file"), encoding: .utf8) == "kept")
    }

    private func database(_ name: String, _ sql: String) async throws -> String {
        let path = scratch.path(name)
        let script = "import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\nd.executescript(sys.argv[2])\nd.commit()"
        let result = try await Program.run("/usr/bin/python3", ["-c", script, path, sql])
        #expect(result.status == 0, "\(result.errors)")
        return path
    }

    /// The log of a daemon that has ended, changed.
    private func editedLog(_ sql: String) async throws -> String {
        let daemon = try TestDaemon(scratch, name: "edited")
        try await daemon.untilServing()
        daemon.program.signal(SIGTERM)
        #expect(await daemon.program.finish().status == 0)
        return try await database("edited.sqlite", sql)
    }

    @Test func aSecondDaemonLeavesTheFirstAlone() async throws {
        let clip = try await scratch.makeClip("a.mp4", seconds: 5, size: "160x96", Scratch.x264)
        let first = try TestDaemon(scratch, name: "first", streams: ["a": clip])
        try await first.untilServing()
        defer { first.program.signal(SIGKILL) }
        let sameSocket = try TestDaemon(scratch, name: "second", socket: first.socket)
        try DocumentedError.expect("A second daemon on the same socket", await sameSocket.program.finish())
        let sameLog = try TestDaemon(scratch, name: "third", log: first.log)
        try DocumentedError.expect("A second daemon on the same log", await sameLog.program.finish())
        let client = try RawClient(path: first.socket)
        #expect(try client.readLines { !$0.isEmpty }.first?.contains("hello") == true)
        first.program.signal(SIGTERM)
        #expect(await first.program.finish().status == 0)
    }
}
