import Capture
import Foundation
import Testing

/// Passwords of cameras never leave the programs but for the camera.
@Suite struct CredentialsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let login = TestCamera.Login(user: "jane", password: "quagga@walrus/ocelot")
    private static let escaped = "jane:quagga%40walrus%2Focelot"

    private func credentialsFile(_ text: String = "jane:quagga@walrus/ocelot\n") throws -> String {
        let path = try scratch.write("login", text)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    private func host(of camera: TestCamera) -> String {
        String(camera.url.dropFirst("rtsp://".count).prefix { $0 != "/" })
    }

    /// Host and port that refuse connections.
    private func refusing() throws -> String {
        let camera = try TestCamera(media: .testPicture)
        defer { camera.stop() }
        return host(of: camera)
    }

    /// A file below `/proc` of a running program, as lines.
    private func process(_ program: Program, _ file: String) throws -> [String] {
        let data = try Data(contentsOf: URL(filePath: "/proc/\(program.pid)/\(file)"))
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    private func leaks(_ text: String, _ forbidden: [String] = AwkwardAddress.words) -> [String] {
        forbidden.filter { holds(text, $0) }
    }

    /// For logs of many megabytes.
    private func holds(_ text: String, _ word: String) -> Bool { strstr(text, word) != nil }
}

// What is understood.
extension CredentialsTests {
    private func check(_ address: AwkwardAddress, at host: String) throws {
        let address = address.at(host)
        guard case .rtsp(let parsed) = try Capture.SourceLocation(parsing: address.url) else {
            Issue.record("no camera: \(address.url)")
            return
        }
        #expect(parsed.user == address.user)
        #expect(parsed.password == address.password)
        #expect(parsed.location == address.location)
        #expect(parsed.description == address.shown)
    }

    @Test(arguments: AwkwardAddress.understood)
    func addressesAreUnderstood(address: AwkwardAddress) throws {
        try check(address, at: "10.1.2.3:5541")
        try check(address, at: "cam-1.local:5541")
        try check(address, at: "cam")
    }

    @Test(arguments: AwkwardAddress.understoodByNumber)
    func addressesWithANumberAreUnderstood(address: AwkwardAddress) throws {
        try check(address, at: "10.1.2.3:5541")
        try check(address, at: "[fe80::1]")
        for host in ["cam-1.local:5541", "cam"] {
            #expect(throws: SourceError.self) { try Capture.SourceLocation(parsing: address.at(host).url) }
        }
    }

    @Test(arguments: AwkwardAddress.refused)
    func otherAddressesAreRefusedWithoutRepeatingThem(address: AwkwardAddress) throws {
        for host in ["10.1.2.3:5541", "cam-1.local:5541", "cam"] {
            let error = #expect(throws: SourceError.self) {
                try Capture.SourceLocation(parsing: address.at(host).url)
            }
            #expect(leaks(error?.description ?? "quagga") == [])
        }
    }
}

// What is shown.
extension CredentialsTests {
    /// Runs the daemon with a stream for each address until all have failed once; gives its events and its standard error.
    private func everyAddressFails(at host: String, environment: [String: String] = [:]) async throws -> (
        String, String
    ) {
        let addresses = (AwkwardAddress.understood + AwkwardAddress.understoodByNumber).map { $0.at(host).url }
        let streams = addresses.enumerated().map {
            "  s\($0):\n    source: '\($1.replacing("'", with: "''"))'\n"
        }.joined()
        let socket = scratch.path("vw.sock")
        let config = try scratch.write(
            "my.yaml", "socket:\n  path: \(socket)\nlog:\n  path: \(scratch.path("log.sqlite"))\nstreams:\n\(streams)")
        let daemon = try Program("videowire", ["daemon", "--config", config], environment: environment)
        defer { daemon.signal(SIGKILL) }
        let end = ContinuousClock.now + .seconds(10)
        while (try? RawClient(path: socket)) == nil, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
        let past = ["--json", "--from", "2000-01-01T00:00:00Z"]
        let watch = try Program("videowire", ["watch", "--socket", socket] + past)
        defer { watch.signal(SIGKILL) }
        let all = await watch.wait { lines in
            let states = EventLine.all(lines, named: "stream.state").filter {
                ["failed", "backoff"].contains($0.value("state") as? String)
            }
            return Set(states.compactMap { $0.value("stream") as? String }).count == addresses.count
        }
        #expect(all)
        daemon.signal(SIGTERM)
        let result = await daemon.finish()
        #expect(holds(result.errors, "my.yaml: everybody may read this file"))
        return (watch.lines.joined(separator: "\n"), result.errors)
    }

    private static let forbidden = Set(AwkwardAddress.understood.flatMap(\.forbidden)).sorted()

    @Test func nothingShowsWhereCamerasRefuseTheLogin() async throws {
        let camera = try TestCamera(media: .testPicture, login: .init(user: "other", password: "other"))
        let (events, errors) = try await everyAddressFails(at: host(of: camera))
        #expect(events.contains("auth: rtsp://\(host(of: camera))/cam refused user or password"))
        #expect(leaks(events, Self.forbidden) == [])
        #expect(leaks(errors, Self.forbidden) == [])
    }

    @Test func nothingShowsWhereNobodyAnswers() async throws {
        let (events, errors) = try await everyAddressFails(at: try refusing())
        #expect(events.contains("backoff"))
        #expect(leaks(events, Self.forbidden) == [])
        #expect(leaks(errors, Self.forbidden) == [])
    }

    /// With everything that GStreamer and GLib can log.
    @Test(arguments: [false, true])
    func nothingShowsInLogsOfGStreamer(isDigest: Bool) async throws {
        let camera = try TestCamera(
            media: .testPicture, login: .init(user: "other", password: "other", isDigest: isDigest))
        let dots = scratch.path("dots")
        try FileManager.default.createDirectory(atPath: dots, withIntermediateDirectories: true)
        let (events, errors) = try await everyAddressFails(
            at: host(of: camera),
            environment: [
                "GST_DEBUG": "9", "G_MESSAGES_DEBUG": "all", "GST_DEBUG_DUMP_DOT_DIR": dots,
            ])
        // The log is there, headers with it, up to the login.
        #expect(holds(errors, "key: 'WWW-Authenticate', value: '\(isDigest ? "Digest" : "Basic")"))
        #expect(holds(errors, "Attempting authentication using credentials"))
        #expect(holds(errors, "key: 'Authorization…"))
        #expect(leaks(events, Self.forbidden) == [])
        #expect(leaks(errors, Self.forbidden) == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: dots) == [])
    }

    @Test func nothingShowsInALogFileOfGStreamer() async throws {
        let camera = try TestCamera(media: .testPicture, login: Self.login)
        let log = scratch.path("gst.log")
        let result = try await Program.run(
            "videowire", ["probe", "rtsp://\(Self.escaped)@\(host(of: camera))/cam?ocelot", "--seconds", "1"],
            environment: ["GST_DEBUG": "9", "GST_DEBUG_FILE": log])
        #expect(result.status == 0, "\(result.errors)")
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(holds(text, "key: 'WWW-Authenticate', value: 'Basic"))
        let basic = Data("jane:quagga@walrus/ocelot".utf8).base64EncodedString()
        #expect(leaks(text + result.errors + result.lines.joined(), AwkwardAddress.words + [basic]) == [])
    }

    @Test(arguments: AwkwardAddress.refused)
    func messagesDoNotRepeatTheCommandLine(address: AwkwardAddress) async throws {
        let url = address.at("127.0.0.1:9").url
        let result = try await Program.run("videowire", ["run", url])
        #expect(result.status == 64)
        #expect(leaks(result.errors + result.lines.joined()) == [])
    }

    @Test(arguments: [
        ["run", "a.mp4", "URL"], ["run", "--jason", "URL"], ["motion", "URL"], ["reencode", "URL"], ["testcam", "URL"],
        ["decode", "URL", "-o", "/tmp/none"], ["watch", "--socket", "URL"], ["URL"],
        ["run", "--transport", "URL", "x"],
    ])
    func wrongCommandsDoNotRepeatTheURL(arguments: [String]) async throws {
        for url in ["rtsp://u:quagga@127.0.0.1:9/x?walrus", "rtsp://u:quagga@walrus/ocelot@127.0.0.1:9/x"] {
            let result = try await Program.run("videowire", arguments.map { $0 == "URL" ? url : $0 })
            #expect(result.status != 0)
            #expect(leaks(result.errors + result.lines.joined()) == [])
        }
    }
}

// How they are given.
extension CredentialsTests {
    @Test func aFileOrStandardInputOrTheEnvironmentGivesThem() async throws {
        let camera = try TestCamera(media: .testPicture, login: Self.login)
        let (url, file) = (camera.url, try credentialsFile())
        let binary = Program.binaries.appending(path: "videowire").path
        let named = url.replacing("rtsp://", with: "rtsp://jane@")
        let ways: [(String, [String], [String: String])] = [
            ("videowire", ["probe", url, "--seconds", "1", "--credentials", file], [:]),
            ("sh", ["-c", "'\(binary)' probe \(url) --seconds 1 --credentials - < '\(file)'"], [:]),
            ("bash", ["-c", "'\(binary)' probe \(url) --seconds 1 --credentials <(cat '\(file)')"], [:]),
            (
                "videowire", ["probe", url, "--seconds", "1"],
                ["VIDEOWIRE_USER": "jane", "VIDEOWIRE_PASSWORD": "quagga@walrus/ocelot"]
            ),
            ("videowire", ["probe", named, "--seconds", "1"], ["VIDEOWIRE_PASSWORD": "quagga@walrus/ocelot"]),
        ]
        for (program, arguments, environment) in ways {
            let result = try await Program.run(program, arguments, environment: environment)
            #expect(result.status == 0, "\(arguments): \(result.errors)")
            #expect(leaks(result.errors + result.lines.joined()) == [])
            #expect(!result.errors.contains("--credentials"))
        }
    }

    @Test func theConfigurationNamesAFile() async throws {
        let camera = try TestCamera(media: .testPicture, login: Self.login)
        _ = try credentialsFile()
        let config = try scratch.write(
            "my.yaml",
            "socket:\n  path: \(scratch.path("vw.sock"))\nlog:\n  path: \(scratch.path("log.sqlite"))\n"
                + "streams:\n  cam:\n    source: \(camera.url)\n    credentials: login\n")
        let daemon = try Program("videowire", ["daemon", "--config", config])
        defer { daemon.signal(SIGKILL) }
        #expect(await logsIn(daemon))
    }

    @Test func wrongCredentialsAreAnError() async throws {
        let file = try credentialsFile("quagga\n")
        let result = try await Program.run("videowire", ["run", "rtsp://127.0.0.1:9/x", "--credentials", file])
        #expect(result.status == 66)
        #expect(result.errors.contains("it has no colon"))
        let both = try await Program.run("videowire", ["run", "rtsp://u:quagga@127.0.0.1:9/x", "--credentials", "-"])
        #expect(both.status == 66)
        #expect(leaks(result.errors + both.errors) == [])
    }

    /// Whether the daemon's stream gets pictures.
    private func logsIn(_ daemon: Program) async -> Bool {
        let socket = scratch.path("vw.sock")
        let end = ContinuousClock.now + .seconds(10)
        while (try? RawClient(path: socket)) == nil, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(20))
        }
        let past = ["--json", "--from", "2000-01-01T00:00:00Z"]
        guard let watch = try? Program("videowire", ["watch", "--socket", socket] + past) else { return false }
        defer { watch.signal(SIGKILL) }
        return await watch.wait { lines in
            EventLine.all(lines, named: "stream.state").contains { $0.value("state") as? String == "live" }
        }
    }
}

// Where other processes look.
extension CredentialsTests {
    @Test func theProcessListShowsHostAndPath() async throws {
        let host = try refusing()
        let program = try Program(
            "videowire", ["run", "rtsp://\(Self.escaped)@\(host)/x?token=lemming", "--transport", "udp"])
        defer { program.signal(SIGKILL) }
        #expect(await program.wait { !$0.isEmpty })
        let arguments = try process(program, "cmdline").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(arguments.dropFirst() == ["run", "rtsp://\(host)/x", "--transport", "udp"])
        program.signal(SIGTERM)
        let errors = await program.finish().errors
        #expect(errors.split(separator: "\n").count { $0.contains("--credentials") } == 1)
        #expect(leaks(errors) == [])
    }

    @Test func theEnvironmentIsBlanked() async throws {
        let host = try refusing()
        let program = try Program(
            "videowire", ["run", "rtsp://\(host)/x"],
            environment: ["VIDEOWIRE_USER": "lemming", "VIDEOWIRE_PASSWORD": "quagga", "OTHER": "kept"])
        defer { program.signal(SIGKILL) }
        #expect(await program.wait { !$0.isEmpty })
        let variables = try process(program, "environ")
        #expect(variables.contains("OTHER=kept"))
        #expect(leaks(variables.joined(separator: "\n")) == [])
    }

    @Test func aSourceInTheEnvironmentIsUsedAndBlanked() async throws {
        let camera = try TestCamera(media: .testPicture, login: Self.login)
        let config = try scratch.write(
            "my.yaml",
            "socket:\n  path: \(scratch.path("vw.sock"))\nlog:\n  path: \(scratch.path("log.sqlite"))\n"
                + "streams:\n  cam:\n    source: none.mp4\n")
        let url = camera.url.replacing("rtsp://", with: "rtsp://\(Self.escaped)@")
        let daemon = try Program(
            "videowire", ["daemon", "--config", config],
            environment: ["VIDEOWIRE_STREAMS_CAM_SOURCE": url, "OTHER": "kept"])
        defer { daemon.signal(SIGKILL) }
        #expect(await logsIn(daemon))
        let variables = try process(daemon, "environ")
        #expect(variables.contains("OTHER=kept"))
        #expect(leaks(variables.joined(separator: "\n")) == [])
    }

    /// GStreamer's scanner of plug-ins is the one child there is.
    @Test func childrenGetNoSecrets() async throws {
        let host = try refusing()
        let seen = scratch.path("seen")
        let scanner = try scratch.write(
            "scanner",
            "#!/bin/sh\n(env; tr '\\0' '\\n' < /proc/$PPID/environ; tr '\\0' '\\n' < /proc/$PPID/cmdline) > '\(seen)'\n"
        )
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: scanner)
        let program = try Program(
            "videowire", ["run", "rtsp://u:walrus@\(host)/x"],
            environment: [
                "VIDEOWIRE_PASSWORD": "quagga", "VIDEOWIRE_STREAMS_CAM_SOURCE": "rtsp://u:ocelot@h/x", "OTHER": "kept",
                "GST_PLUGIN_SCANNER": scanner, "GST_PLUGIN_SCANNER_1_0": scanner,
                "GST_REGISTRY": scratch.path("registry"),
            ])
        defer { program.signal(SIGKILL) }
        let end = ContinuousClock.now + .seconds(15)
        var text = ""
        while !text.contains("rtsp://\(host)/x"), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
            text = (try? String(contentsOfFile: seen, encoding: .utf8)) ?? ""
        }
        #expect(text.contains("OTHER=kept") && text.contains("rtsp://\(host)/x"))
        #expect(leaks(text) == [])
    }

    private static let corePattern =
        (try? String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)) ?? ""

    @Test(
        .enabled(
            if: corePattern.hasPrefix("core") && !corePattern.contains("/"), "needs core dumps in the working directory"
        ),
        arguments: [false, true])
    func aCrashLeavesNoPasswordBehind(hasPassword: Bool) async throws {
        let folder = scratch.path("cwd")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let binary = Program.binaries.appending(path: "videowire").path
        let more = hasPassword ? "--credentials '\(try credentialsFile())'" : ""
        // Nobody listens at the address: it is tried until the crash. Without Swift's own handler of crashes, which goes on after a signal from
        // outside; 64 blocks are enough to see that there is one.
        let program = try Program(
            "sh", ["-c", "cd '\(folder)' && ulimit -c 64 && exec '\(binary)' run rtsp://127.0.0.1:1/x \(more)"],
            environment: ["SWIFT_BACKTRACE": "enable=no"])
        defer { program.signal(SIGKILL) }
        #expect(await program.wait { !$0.isEmpty })
        program.signal(SIGSEGV)
        #expect(await program.finish(upTo: .seconds(10)).wasKilled)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files.contains { $0.hasPrefix("core") } == !hasPassword)
    }
}
