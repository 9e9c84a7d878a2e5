import Foundation
import Testing

/// The daemon and the service manager: readiness, watchdog, reload, socket activation.
@Suite struct ServiceManagerTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let past = ["--from", "2000-01-01T00:00:00Z"]

    /// Runs a daemon under a service manager, and ends both.
    private func withDaemon(
        _ streams: [String: String], watchdog: Duration? = nil, _ body: (TestDaemon, NotifySocket) async throws -> Void
    ) async throws {
        let manager = try NotifySocket(path: scratch.path("notify"))
        var environment = ["NOTIFY_SOCKET": scratch.path("notify")]
        if let watchdog { environment["WATCHDOG_USEC"] = "\(Int(watchdog / .microseconds(1)))" }
        let daemon = try TestDaemon(scratch, streams: streams, environment: environment)
        defer {
            daemon.program.signal(SIGKILL)
            manager.end()
        }
        #expect(await manager.wait { $0.contains("READY=1") })
        try await body(daemon, manager)
    }

    private func states(_ lines: [String], of stream: String) -> [String] {
        EventLine.all(lines, named: "stream.state").filter { $0.value("stream") as? String == stream }
            .compactMap { $0.value("state") as? String }
    }

    private func clips(_ lines: [String], of stream: String) -> Int {
        EventLine.all(lines, named: "clip.tokens").count { $0.value("stream") as? String == stream }
    }

    @Test func readyOnceTheSocketServesAndStoppingAtTheEnd() async throws {
        try await withDaemon(["test": "test"]) { daemon, manager in
            _ = try RawClient(path: daemon.socket)
            #expect(await manager.wait { $0.contains { $0.hasPrefix("STATUS=streams: 1 live;") } })
            daemon.program.signal(SIGTERM)
            #expect(await daemon.program.finish().status == 0)
            #expect(await manager.wait { $0.last == "STOPPING=1" })
            // Nobody asked for signs of life.
            #expect(manager.lifeSigns == 0)
        }
    }

    @Test func aSocketLoopThatHangsSilencesTheWatchdog() async throws {
        try await withDaemon(["test": "test"], watchdog: .seconds(2)) { daemon, manager in
            #expect(await manager.wait { _ in manager.lifeSigns >= 3 })
            let stopped = try await StoppedThread(name: "NIO-SGLTN", of: daemon.program.pid)
            try await expectSilence(of: manager)
            await stopped.release()
            try await expectRecovery(of: daemon, manager, from: "the socket loop does not turn")
        }
    }

    @Test func aLogThatCannotBeWrittenInTimeSilencesTheWatchdog() async throws {
        try await withDaemon(["test": "test"], watchdog: .seconds(2)) { daemon, manager in
            #expect(await manager.wait { _ in manager.lifeSigns >= 3 })
            let consumer = try daemon.watch(Self.past)
            // Another process keeps the database to itself, as a hanging disk would.
            let script = """
                import sqlite3, sys, time
                log = sqlite3.connect(sys.argv[1], isolation_level=None)
                log.execute("BEGIN EXCLUSIVE")
                print("held", flush=True)
                time.sleep(60)
                """
            let holder = try Program("python3", ["-c", script, daemon.log])
            defer { for program in [consumer, holder] { program.signal(SIGKILL) } }
            #expect(await holder.wait { $0 == ["held"] })
            // The next event is a clip's, four seconds after the one before.
            #expect(await daemon.program.waitForErrors { $0.contains("the log writer does not turn") })
            try await expectSilence(of: manager, for: .seconds(2))
            holder.signal(SIGKILL)
            #expect(await consumer.wait { clips($0, of: "test") >= 3 })
            let numbers = consumer.lines.compactMap { EventLine($0)?.sequence }
            #expect(numbers == Array(1...numbers.count))
            try await expectRecovery(of: daemon, manager, from: "the log writer does not turn")
        }
    }

    /// What was on its way may still come; then nothing does.
    private func expectSilence(of manager: NotifySocket, for time: Duration = .seconds(3)) async throws {
        try await Task.sleep(for: .seconds(1.5))
        let signs = manager.lifeSigns
        try await Task.sleep(for: time)
        #expect(manager.lifeSigns == signs)
    }

    private func expectRecovery(of daemon: TestDaemon, _ manager: NotifySocket, from warning: String) async throws {
        let signs = manager.lifeSigns
        #expect(await manager.wait { _ in manager.lifeSigns >= signs + 3 })
        daemon.program.signal(SIGTERM)
        let end = await daemon.program.finish()
        #expect(end.status == 0)
        #expect(end.errors.contains(warning) && end.errors.contains("all is well again"))
    }

    @Test func aCameraThatIsAwayKeepsTheWatchdogFed() async throws {
        try await withDaemon(["away": "rtsp://127.0.0.1:9/none"], watchdog: .seconds(1)) { _, manager in
            #expect(await manager.wait { $0.contains { $0.hasPrefix("STATUS=streams: 1 backoff;") } })
            let signs = manager.lifeSigns
            #expect(await manager.wait { _ in manager.lifeSigns >= signs + 12 })
        }
    }

    @Test func reloadChangesStreamsAndKeepsConsumers() async throws {
        let file = try await scratch.makeClip("file.mp4", seconds: 9, size: "128x96", Scratch.x264)
        try await withDaemon(["kept": "test", "leaving": "test"]) { daemon, manager in
            let consumer = try daemon.watch(Self.past)
            defer { consumer.signal(SIGKILL) }
            #expect(await consumer.wait { clips($0, of: "kept") >= 1 && clips($0, of: "leaving") >= 1 })

            try daemon.reload(streams: ["kept": "test", "new": file])
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
            try daemon.reload("streams: {kept: {sauce: test}}")
            #expect(await manager.wait { $0.count { $0 == "READY=1" } == 3 })
            let before = clips(consumer.lines, of: "kept")
            #expect(await consumer.wait { clips($0, of: "kept") >= before + 1 })
            let errors = daemon.program.errors
            #expect(errors.contains("the configuration stays as it was") && errors.contains("sauce"))
        }
    }

    @Test func aStreamChangedByAReloadGoesOnInANewSession() async throws {
        let file = try await scratch.makeClip("file.mp4", seconds: 9, size: "128x96", Scratch.x264)
        try await withDaemon(["cam": file]) { daemon, _ in
            let consumer = try daemon.watch(Self.past)
            defer { consumer.signal(SIGKILL) }
            #expect(await consumer.wait { states($0, of: "cam").last == "ended" })
            try daemon.reload(streams: ["cam": "test"], more: "log_level: debug")
            #expect(await consumer.wait { states($0, of: "cam").last == "live" })
            let sessions = EventLine.all(consumer.lines, named: "stream.state").filter {
                $0.value("state") as? String == "live"
            }.compactMap { $0.value("session") as? Int }
            #expect(sessions == [1, 2])
            let warning = "take effect when the daemon is started anew: log_level"
            #expect(await daemon.program.waitForErrors { $0.contains(warning) })
        }
    }

    @Test func takesTheSocketThatTheManagerHasOpened() async throws {
        let (own, activated) = (scratch.path("own.sock"), scratch.path("activated.sock"))
        let config = try scratch.write(
            "videowired.yaml",
            TestDaemon.configuration(socket: own, log: scratch.path("log.sqlite"), streams: ["test": "test"]))
        let binary = Program.binaries.appending(path: "videowire").path
        let manager = try Program(
            "systemd-socket-activate", ["--listen", activated, binary, "daemon", "--config", config])
        defer { manager.signal(SIGKILL) }
        #expect(await manager.waitForErrors { $0.contains(activated) })
        // The first client starts the daemon, and waits for it in the socket's queue.
        let client = try RawClient(path: activated)
        try client.send(#"{"subscribe":{"from":"live"}}"#)
        let lines = try client.readLines { $0.contains { EventLine($0)?.name == "clip.tokens" } }
        #expect(lines.contains { EventLine($0)?.name == "clip.tokens" })
        #expect(!FileManager.default.fileExists(atPath: own))
        manager.signal(SIGTERM)
        #expect(await manager.finish().status == 0)
        // It belongs to whoever made it.
        #expect(FileManager.default.fileExists(atPath: activated))
    }
}
