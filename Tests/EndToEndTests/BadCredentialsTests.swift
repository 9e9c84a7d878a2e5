import Foundation
import Testing

/// Credentials that cannot be used; docs/errors.md says what is said of each.
@Suite struct BadCredentialsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func login(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let path = try scratch.write(name, text)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    @Test func credentialsThatCannotBeUsedAreExplained() async throws {
        let camera = "rtsp://127.0.0.1:9/cam"
        let good = try login("good", "jane:secret\n")
        let cases: [(row: String, source: String, credentials: String?)] = [
            ("No such file of credentials", camera, scratch.path("none")),
            ("Credentials that everybody may read", camera, try login("open", "jane:secret\n", mode: 0o644)),
            ("A file that holds no credentials", camera, try login("plain", "secret\n")),
            ("Credentials in the URL and beside it", "rtsp://jane@127.0.0.1:9/cam", good),
            ("Credentials for what takes none", "film.mp4", good),
            ("An address that can be read in two ways", "rtsp://jane:se@cr/et@host/cam", nil),
            ("A mistyped address", "rtsp:/jane:secret@host/cam", nil),
        ]
        for (row, source, credentials) in cases {
            let options = credentials.map { ["--credentials", $0] } ?? []
            let result = try await Program.run("videowire", ["tokens", source] + options)
            try DocumentedError.expect(row, result)
            #expect(!result.errors.contains("secret") && !result.errors.contains("cr/et"), "\(row): \(result.errors)")
        }
    }

    @Test func aCredentialThatTheServiceLacksIsNamed() async throws {
        let config = try scratch.write(
            "a.yaml", "streams: {a: {source: \"rtsp://127.0.0.1:9/cam\", credentials: front}}")
        let result = try await Program.run(
            "videowire", ["daemon", "--config", config], environment: ["CREDENTIALS_DIRECTORY": scratch.path("")])
        try DocumentedError.expect("A systemd credential that the service does not have", result)
    }

    @Test func aSecondSocketFromTheServiceManagerIsRefused() async throws {
        let config = try scratch.write("a.yaml", "log: {path: \"\(scratch.path("log"))\"}")
        let binary = Program.binaries.appending(path: "videowire").path
        let sockets = [scratch.path("a.sock"), scratch.path("b.sock")]
        let manager = try Program(
            "systemd-socket-activate",
            sockets.flatMap { ["--listen", $0] } + [binary, "daemon", "--config", config])
        #expect(await manager.waitForErrors { $0.contains("b.sock") })
        // The first client starts the daemon.
        _ = try RawClient(path: sockets[0])
        try DocumentedError.expect("A service manager passes something else", await manager.finish())
    }
}
