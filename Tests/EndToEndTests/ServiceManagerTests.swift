import Foundation
import Testing

/// The daemon and the service manager: readiness, watchdog, reload, socket activation.
@Suite struct ServiceManagerTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private var socket: String { scratch.path("vw.sock") }

    private func configure(_ streams: [String: String], more: String = "") throws -> String {
        let entries = streams.sorted { $0.key < $1.key }.map { "  \($0):\n    source: \($1)\n" }.joined()
        return try scratch.write(
            "videowired.yaml",
            """
            socket: {path: \(socket), heartbeat_seconds: 1}
            log: {path: \(scratch.path("log.sqlite"))}
            \(more)
            streams:
            \(entries)
            """)
    }

    private func start(_ config: String, watchdog: Duration? = nil) throws -> (daemon: Program, manager: NotifySocket) {
        let manager = try NotifySocket(path: scratch.path("notify"))
        var environment = ["NOTIFY_SOCKET": scratch.path("notify")]
        if let watchdog { environment["WATCHDOG_USEC"] = "\(Int(watchdog / .microseconds(1)))" }
        return (try Program("videowire", ["daemon", "--config", config], environment: environment), manager)
    }

    private func watch(_ more: [String] = []) throws -> Program {
        try Program("videowire", ["watch", "--socket", socket, "--json"] + more)
    }

    private func states(_ lines: [String], of stream: String) -> [String] {
        EventLine.all(lines, named: "stream.state").filter { $0.value("stream") as? String == stream }
            .compactMap { $0.value("state") as? String }
    }

    private func clips(_ lines: [String], of stream: String) -> Int {
        EventLine.all(lines, named: "clip.tokens").count { $0.value("stream") as? String == stream }
    }

    @Test func readyOnceTheSocketServesAndStoppingAtTheEnd() async throws {
        let (daemon, manager) = try start(try configure(["test": "test"]))
        defer {
            daemon.signal(SIGKILL)
            manager.end()
        }
        #expect(await manager.wait { $0.contains("READY=1") })
        _ = try RawClient(path: socket)
        #expect(await manager.wait { $0.contains { $0.hasPrefix("STATUS=streams: 1 live;") } })
        daemon.signal(SIGTERM)
        #expect(await daemon.finish().status == 0)
        #expect(await manager.wait { $0.last == "STOPPING=1" })
        // Nobody asked for signs of life.
        #expect(manager.lifeSigns == 0)
    }

    @Test func aSocketLoopThatHangsSilencesTheWatchdog() async throws {
        let (daemon, manager) = try start(try configure(["test": "test"]), watchdog: .seconds(2))
        defer {
            daemon.signal(SIGKILL)
            manager.end()
        }
        #expect(await manager.wait { $0.count { $0.contains("WATCHDOG=1") } >= 3 })
        let stopped = try await StoppedThread(name: "NIO-SGLTN", of: daemon.pid)
        try await expectSilence(of: manager)
        await stopped.release()
        try await expectRecovery(of: daemon, manager, from: "the socket loop does not turn")
    }

    @Test func aLogThatCannotBeWrittenInTimeSilencesTheWatchdog() async throws {
        let (daemon, manager) = try start(try configure(["test": "test"]), watchdog: .seconds(2))
        defer {
            daemon.signal(SIGKILL)
            manager.end()
        }
        #expect(await manager.wait { $0.count { $0.contains("WATCHDOG=1") } >= 3 })
        let consumer = try watch(["--from", "2000-01-01T00:00:00Z"])
        // Another process keeps the database to itself, as a hanging disk would.
        let script = """
            import sqlite3, sys, time
            log = sqlite3.connect(sys.argv[1], isolation_level=None)
            log.execute("BEGIN EXCLUSIVE")
            print("held", flush=True)
            time.sleep(60)
            """
        let holder = try Program("python3", ["-c", script, scratch.path("log.sqlite")])
        defer { for program in [consumer, holder] { program.signal(SIGKILL) } }
        #expect(await holder.wait { $0 == ["held"] })
        // The next event is a clip's, four seconds after the one before.
        #expect(await manager.wait { _ in daemon.errors.contains("the log writer does not turn") })
        try await expectSilence(of: manager, for: .seconds(2))
        holder.signal(SIGKILL)
        #expect(await consumer.wait { clips($0, of: "test") >= 3 })
        let numbers = consumer.lines.compactMap { EventLine($0)?.sequence }
        #expect(numbers == Array(1...numbers.count))
        try await expectRecovery(of: daemon, manager, from: "the log writer does not turn")
    }

    /// What was on its way may still come; then nothing does.
    private func expectSilence(of manager: NotifySocket, for time: Duration = .seconds(3)) async throws {
        try await Task.sleep(for: .seconds(1.5))
        let signs = manager.lifeSigns
        try await Task.sleep(for: time)
        #expect(manager.lifeSigns == signs)
    }

    private func expectRecovery(of daemon: Program, _ manager: NotifySocket, from warning: String) async throws {
        let signs = manager.lifeSigns
        #expect(await manager.wait { $0.count { $0.contains("WATCHDOG=1") } >= signs + 3 })
        daemon.signal(SIGTERM)
        let end = await daemon.finish()
        #expect(end.status == 0)
        #expect(end.errors.contains(warning) && end.errors.contains("all is well again"))
    }

    @Test func aCameraThatIsAwayKeepsTheWatchdogFed() async throws {
        let (daemon, manager) = try start(
            try configure(["away": "rtsp://127.0.0.1:9/none"]), watchdog: .seconds(1))
        defer {
            daemon.signal(SIGKILL)
            manager.end()
        }
        #expect(await manager.wait { $0.contains { $0.hasPrefix("STATUS=streams: 1 backoff;") } })
        let signs = manager.lifeSigns
        #expect(await manager.wait { $0.count { $0.contains("WATCHDOG=1") } >= signs + 12 })
    }

    @Test func reloadChangesStreamsAndKeepsConsumers() async throws {
        let file = try await scratch.makeClip("file.mp4", seconds: 9, size: "128x96", Scratch.x264)
        let (daemon, manager) = try start(try configure(["kept": "test", "leaving": "test"]))
        defer {
            daemon.signal(SIGKILL)
            manager.end()
        }
        #expect(await manager.wait { $0.contains("READY=1") })
        let consumer = try watch(["--from", "2000-01-01T00:00:00Z"])
        defer { consumer.signal(SIGKILL) }
        #expect(await consumer.wait { clips($0, of: "kept") >= 1 && clips($0, of: "leaving") >= 1 })

        _ = try configure(["kept": "test", "new": file])
        daemon.signal(SIGHUP)
        #expect(await manager.wait { $0.count { $0 == "READY=1" } == 2 })
        #expect(manager.messages.contains { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
        // Over the same connection: what is new comes, what left ends with a word, what was kept goes on.
        #expect(await consumer.wait { clips($0, of: "new") == 3 && clips($0, of: "kept") >= 2 })
        let leaving = EventLine.all(consumer.lines, named: "stream.state").last {
            $0.value("stream") as? String == "leaving"
        }
        #expect(leaving?.value("state") as? String == "ended")
        #expect(leaving?.value("reason") as? String == "no longer in the configuration")
        #expect(states(consumer.lines, of: "kept") == ["connecting", "live"])
        let numbers = consumer.lines.compactMap { EventLine($0)?.sequence }
        #expect(numbers == Array(1...numbers.count))

        // A configuration that cannot be used changes nothing.
        _ = try scratch.write("videowired.yaml", "streams: {kept: {sauce: test}}")
        daemon.signal(SIGHUP)
        #expect(await manager.wait { $0.count { $0 == "READY=1" } == 3 })
        let before = clips(consumer.lines, of: "kept")
        #expect(await consumer.wait { clips($0, of: "kept") >= before + 1 })
        daemon.signal(SIGTERM)
        let end = await daemon.finish()
        #expect(end.errors.contains("the configuration stays as it was") && end.errors.contains("sauce"))
    }

    @Test func aStreamChangedByAReloadGoesOnInANewSession() async throws {
        let file = try await scratch.makeClip("file.mp4", seconds: 9, size: "128x96", Scratch.x264)
        let (daemon, manager) = try start(try configure(["cam": file]))
        defer {
            daemon.signal(SIGKILL)
            manager.end()
        }
        #expect(await manager.wait { $0.contains("READY=1") })
        let consumer = try watch(["--from", "2000-01-01T00:00:00Z"])
        defer { consumer.signal(SIGKILL) }
        #expect(await consumer.wait { states($0, of: "cam").last == "ended" })
        _ = try configure(["cam": "test"], more: "log_level: debug")
        daemon.signal(SIGHUP)
        #expect(await consumer.wait { states($0, of: "cam").last == "live" })
        let sessions = EventLine.all(consumer.lines, named: "stream.state").filter {
            $0.value("state") as? String == "live"
        }.compactMap { $0.value("session") as? Int }
        #expect(sessions == [1, 2])
        daemon.signal(SIGTERM)
        #expect(await daemon.finish().errors.contains("take effect when the daemon is started anew: log_level"))
    }

    @Test func takesTheSocketThatTheManagerHasOpened() async throws {
        let config = try configure(["test": "test"])
        let activated = scratch.path("activated.sock")
        let binary = Program.binaries.appending(path: "videowire").path
        let manager = try Program(
            "systemd-socket-activate", ["--listen", activated, binary, "daemon", "--config", config])
        defer { manager.signal(SIGKILL) }
        // The first client starts the daemon, and waits for it in the socket's queue.
        let end = ContinuousClock.now + .seconds(10)
        while !FileManager.default.fileExists(atPath: activated), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
        let client = try RawClient(path: activated)
        try client.send(#"{"subscribe":{"from":"live"}}"#)
        let lines = try client.readLines { $0.contains { EventLine($0)?.name == "clip.tokens" } }
        #expect(lines.contains { EventLine($0)?.name == "clip.tokens" })
        #expect(!FileManager.default.fileExists(atPath: socket))
        manager.signal(SIGTERM)
        #expect(await manager.finish().status == 0)
        // It belongs to whoever made it.
        #expect(FileManager.default.fileExists(atPath: activated))
    }
}
