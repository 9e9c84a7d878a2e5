import Foundation
import Testing

@Suite struct MemoryTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// A camera on a free port that plays a short clip faster than real time, for ever.
    private func camera() async throws -> (program: Program, url: String) {
        let clip = try await scratch.makeClip("camera.mp4", seconds: 24, size: "160x96", Scratch.x264)
        let program = try Program("videowire", ["testcam", clip, "--port", "0", "--speed", "20"])
        _ = await program.wait { !$0.isEmpty }
        return (program, try #require(program.lines.first))
    }

    private func daemon(_ url: String, memory: String = "{slots: 6}") async throws -> TestDaemon {
        let log = scratch.path("log.sqlite")
        let socket = scratch.path("daemon.sock")
        let config = """
            socket: {path: "\(socket)", heartbeat_seconds: 1}
            log: {path: "\(log)"}
            streams: {cam: {source: "\(url)", memory: \(memory)}}
            """
        let daemon = try TestDaemon(scratch, configuration: config, socket: socket, log: log)
        try await daemon.untilServing()
        return daemon
    }

    private func watch(_ daemon: TestDaemon) throws -> Program {
        try daemon.watch(["--type", "clip.tokens", "--from", "2000-01-01T00:00:00Z"])
    }

    /// Session and index of clips that were told, in their order.
    private func clips(_ lines: [String]) -> [[Int]] {
        EventLine.all(lines, named: "clip.tokens").compactMap { line in
            guard let session = line.value("session") as? Int, let index = line.value("clip", "index") as? Int else {
                return nil
            }
            return [session, index]
        }
    }

    private struct Slot: Equatable {
        var number: Int
        var clips: Int
        var start: [Int]
        var end: [Int]
        var keyIDs: [Int]
        var seconds: [Double]
        var tokens: [String]
    }

    private func slots(_ log: String, stream: String = "cam") async throws -> [Slot] {
        let result = try await Program.run("videowire", ["memory", stream, "--log", log])
        #expect(result.status == 0, "\(result.errors)")
        return try result.lines.map { line in
            let object = try #require(EventLine(line)?.object)
            func place(_ name: String) throws -> (clip: [Int], seconds: Double, token: String) {
                let point = try #require(object[name] as? [String: Any])
                return (
                    [try #require(point["session"] as? Int), try #require(point["clip"] as? Int)],
                    try #require((point["seconds"] as? NSNumber)?.doubleValue), try #require(point["token"] as? String)
                )
            }
            let (start, end) = (try place("start"), try place("end"))
            return Slot(
                number: try #require(object["slot"] as? Int), clips: try #require(object["clips"] as? Int),
                start: start.clip, end: end.clip, keyIDs: try #require(object["key_ids"] as? [Int]),
                seconds: [start.seconds, end.seconds], tokens: [start.token, end.token])
        }
    }

    @Test func aKilledDaemonRemembersEveryClipThatItTold() async throws {
        let (camera, url) = try await camera()
        defer { camera.signal(SIGKILL) }
        let first = try await daemon(url)
        let watcher = try watch(first)
        #expect(await watcher.wait { clips($0).count >= 14 })
        first.program.signal(SIGKILL)
        _ = await first.program.finish()
        let told = clips(await watcher.finish().lines)

        let past = try await slots(first.log)
        #expect(past.count == 6)
        let remembered = past.reduce(0) { $0 + $1.clips }
        // A clip is remembered before it is told, so one or two may not have been told.
        #expect(remembered >= told.count && remembered <= told.count + 2)
        #expect(past.first?.start == told.first && past.first?.number == 0)
        let last = try #require(past.last?.end)
        #expect(try last.lexicographicallyPrecedes(#require(told.last)) == false)
        // A slot begins where the one before it ends.
        for (slot, next) in zip(past, past.dropFirst()) {
            #expect(next.number == slot.number + slot.clips)
            #expect(next.seconds[0] >= slot.seconds[1])
        }
        #expect(past.first?.tokens[0] == "<0>" && past.last?.tokens[1] == "<300>")
        #expect(past.allSatisfy { $0.keyIDs.count == 630 })

        let second = try await daemon(url)
        defer { second.program.signal(SIGKILL) }
        let again = try watch(second)
        defer { again.signal(SIGKILL) }
        #expect(await again.wait { clips($0).count >= told.count + 12 })
        let later = try await slots(second.log)
        #expect(later.count == 6)
        #expect(later.reduce(0) { $0 + $1.clips } >= told.count + 12)
        #expect(later.first?.start == told.first && later.first?.number == 0)
        let newest = try #require(later.last?.end)
        #expect(last.lexicographicallyPrecedes(newest) && newest[0] > last[0])

        // The same as a picture, beside the running daemon.
        let sheet = scratch.path("sheet.png")
        let drawn = try await Program.run("videowire", ["memory", "cam", "--log", second.log, "-o", sheet])
        #expect(drawn.status == 0 && drawn.lines.isEmpty, "\(drawn.errors)")
        #expect(drawn.errors.contains("in 6 slots, written to"))
        let size = try await Program.run(
            "ffprobe", ["-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", sheet])
        // Six pictures of 160 x 96 drawn 288 wide: 172 high. Two rows.
        #expect(size.lines.first == "png,1192,502", "\(size.errors)")

        second.program.signal(SIGTERM)
        #expect(await second.program.finish().status == 0)
        #expect(!FileManager.default.fileExists(atPath: second.log + ".memory-wal"))
        #expect(try await slots(second.log).count == 6)
    }

    @Test func nothingIsLostOfWhatIsNotMergedOverARestart() async throws {
        let (camera, url) = try await camera()
        defer { camera.signal(SIGKILL) }
        let first = try await daemon(url, memory: "{slots: 1000}")
        let watcher = try watch(first)
        #expect(await watcher.wait { clips($0).count >= 5 })
        first.program.signal(SIGKILL)
        _ = await first.program.finish()
        watcher.signal(SIGKILL)
        let past = try await slots(first.log)
        let second = try await daemon(url, memory: "{slots: 1000}")
        defer { second.program.signal(SIGKILL) }
        let again = try watch(second)
        defer { again.signal(SIGKILL) }
        #expect(await again.wait { clips($0).count >= past.count + 5 })
        let later = try await slots(second.log)
        #expect(later.count >= past.count + 5)
        for (before, after) in zip(past, later) {
            #expect(before.number == after.number && before.clips == 1 && after.clips == 1)
            #expect(before.start == after.start && before.end == after.end && before.keyIDs == after.keyIDs)
            #expect(before.seconds == after.seconds)
        }
    }

    @Test func withoutMergingTheNewestFourClipsRemain() async throws {
        let (camera, url) = try await camera()
        defer { camera.signal(SIGKILL) }
        let daemon = try await daemon(url, memory: "none")
        defer { daemon.program.signal(SIGKILL) }
        let watcher = try watch(daemon)
        defer { watcher.signal(SIGKILL) }
        #expect(await watcher.wait { clips($0).count >= 7 })
        let told = clips(watcher.lines)
        let slots = try await slots(daemon.log)
        #expect(slots.count == 4 && slots.allSatisfy { $0.clips == 1 && $0.start == $0.end })
        #expect(try #require(slots.first).number >= told.count - 4)
    }

    // MARK: - Forgetting

    private func forget(_ stream: String, _ log: String, _ options: [String] = []) async throws -> Program.Result {
        try await Program.run(
            "videowire", ["forget", "--log", log, "--stream", stream, "--from", "1h", "--to", "now"] + options)
    }

    /// Whether a file of the memory holds some of a slot's tokens: runs of ids that are not all alike. Pages cut them anywhere.
    private func isOnDisk(_ slot: Slot, _ log: String) throws -> Bool {
        let runs = stride(from: 0, to: slot.keyIDs.count, by: 40).map { slot.keyIDs[$0...].prefix(40) }
        let patterns = runs.filter { Set($0).count > 20 }.map { run in
            run.map { Int32($0).littleEndian }.withUnsafeBytes { Data($0) }
        }
        #expect(!patterns.isEmpty)
        return try ["", "-wal"].contains { suffix in
            let url = URL(filePath: log + ".memory" + suffix)
            guard FileManager.default.fileExists(atPath: url.path) else { return false }
            let bytes = try Data(contentsOf: url)
            return patterns.contains { bytes.range(of: $0) != nil }
        }
    }

    @Test func whatIsForgottenDoesNotComeBack() async throws {
        let (camera, url) = try await camera()
        defer { camera.signal(SIGKILL) }
        // Other pictures than the camera's.
        let file = try await scratch.makeClip("file.mp4", seconds: 12, size: "320x96", Scratch.x264)
        let log = scratch.path("log.sqlite"), socket = scratch.path("daemon.sock")
        func daemon() async throws -> TestDaemon {
            let daemon = try TestDaemon(
                scratch,
                configuration: TestDaemon.configuration(
                    socket: socket, log: log, streams: ["cam": url, "file": file]), socket: socket, log: log)
            try await daemon.untilServing()
            return daemon
        }
        func clips(_ lines: [String], of stream: String) -> Int {
            EventLine.all(lines, named: "clip.tokens").count { $0.value("stream") as? String == stream }
        }
        let first = try await daemon()
        defer { first.program.signal(SIGKILL) }
        let watcher = try watch(first)
        defer { watcher.signal(SIGKILL) }
        #expect(await watcher.wait { clips($0, of: "file") == 3 && clips($0, of: "cam") >= 4 })
        let (past, film) = (try await slots(log), try await slots(log, stream: "file"))
        #expect(film.count == 3 && past.count >= 4)
        #expect(try film.allSatisfy { try isOnDisk($0, log) })

        let dry = try await forget("file", log, ["--dry-run"])
        #expect(dry.errors.contains("3 remembered slots would be erased"), "\(dry.errors)")
        #expect(try await slots(log, stream: "file").count == 3)

        // A stream that has ended, and one that goes on.
        for stream in ["file", "cam"] {
            let done = try await forget(stream, log)
            #expect(done.status == 0 && done.errors.contains("remembered slots erased"), "\(done.errors)")
        }
        #expect(try await slots(log, stream: "file").isEmpty)
        #expect(try film.allSatisfy { try !isOnDisk($0, log) })
        let forgotten = Set(past.map(\.number))
        let told = clips(watcher.lines, of: "cam")
        #expect(await watcher.wait { clips($0, of: "cam") >= told + 3 })
        let rest = try await slots(log)
        #expect(!rest.isEmpty && forgotten.isDisjoint(with: rest.map(\.number)))

        first.program.signal(SIGKILL)
        _ = await first.program.finish()
        // The file's stream would begin anew.
        let second = try TestDaemon(
            scratch,
            configuration: TestDaemon.configuration(
                socket: socket, log: log, streams: ["cam": url]),
            socket: socket, log: log)
        defer { second.program.signal(SIGKILL) }
        try await second.untilServing()
        let again = try watch(second)
        defer { again.signal(SIGKILL) }
        #expect(await again.wait { clips($0, of: "cam") >= told + 5 })
        #expect(forgotten.isDisjoint(with: try await slots(log).map(\.number)))
        #expect(try await slots(log, stream: "file").isEmpty)
        #expect(try film.allSatisfy { try !isOnDisk($0, log) })
    }

    @Test func aDaemonThatHangsForgetsWhenItStartsAnew() async throws {
        let file = try await scratch.makeClip("file.mp4", seconds: 12, size: "160x96", Scratch.x264)
        let first = try TestDaemon(scratch, streams: ["file": file])
        defer { first.program.signal(SIGKILL) }
        try await first.untilServing()
        let watcher = try first.watch(["--from", "2000-01-01T00:00:00Z"])
        defer { watcher.signal(SIGKILL) }
        #expect(
            await watcher.wait {
                EventLine.all($0, named: "stream.state").contains { $0.value("state") as? String == "ended" }
            })
        let film = try await slots(first.log, stream: "file")
        #expect(film.count == 3)
        first.program.signal(SIGSTOP)
        let asked = try await forget("file", first.log)
        #expect(try DocumentedError.named("A daemon that does not forget in time").isSaid(in: asked.errors))
        #expect(asked.status == 0 && !asked.errors.contains("remembered slots erased"), "\(asked.errors)")
        #expect(try await slots(first.log, stream: "file").count == 3)
        first.program.signal(SIGKILL)
        _ = await first.program.finish()
        let second = try TestDaemon(scratch, name: "second", log: first.log)
        defer { second.program.signal(SIGKILL) }
        try await second.untilServing()
        #expect(try await slots(first.log, stream: "file").isEmpty)
        #expect(try film.allSatisfy { try !isOnDisk($0, first.log) })
    }

    // MARK: - Errors

    private func python(_ script: String, _ arguments: [String]) async throws {
        let result = try await Program.run("/usr/bin/python3", ["-c", script] + arguments)
        #expect(result.status == 0, "\(result.errors)")
    }

    private func sql(_ path: String, _ statements: String) async throws {
        try await python(
            "import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\nd.executescript(sys.argv[2])\nd.commit()",
            [path, statements])
    }

    /// A log with a memory of a file of one clip.
    private func rememberingLog(_ name: String) async throws -> String {
        let clip = try await scratch.makeClip("file.mp4", seconds: 4, size: "160x96", Scratch.x264)
        let daemon = try TestDaemon(scratch, name: name, streams: ["file": clip])
        try await daemon.untilServing()
        let watcher = try watch(daemon)
        #expect(await watcher.wait { clips($0).count == 1 })
        daemon.program.signal(SIGTERM)
        #expect(await daemon.program.finish().status == 0)
        _ = await watcher.finish()
        return daemon.log
    }

    @Test func filesThatAreNoMemoryAreNamed() async throws {
        let edited = try await rememberingLog("edited")
        try await sql(edited + ".memory", "UPDATE slots SET weight = 'many'")
        let foreign = scratch.path("foreign.sqlite")
        try await sql(foreign + ".memory", "CREATE TABLE recipes (name TEXT)")
        let damaged = scratch.path("damaged.sqlite")
        _ = try scratch.write("damaged.sqlite.memory", String(repeating: "damage ", count: 2_000))
        for (row, log) in [
            ("A memory file that is damaged", damaged), ("A memory file that was edited by hand", edited),
            ("A memory file of another program", foreign),
        ] {
            let daemon = try TestDaemon(scratch, name: "d", log: log)
            try DocumentedError.expect(row, await daemon.program.finish())
            try DocumentedError.expect(row, await Program.run("videowire", ["memory", "file", "--log", log]))
        }
    }

    @Test func whatIsNotThereIsNamed() async throws {
        let missing = try await Program.run("videowire", ["memory", "cam", "--log", scratch.path("none.sqlite")])
        try DocumentedError.expect("No memory beside the log", missing)
        let log = try await rememberingLog("one")
        let unknown = try await Program.run("videowire", ["memory", "cam", "--log", log])
        try DocumentedError.expect("A stream that is not remembered", unknown)
        #expect(unknown.errors.contains("those of file"))
        let slots = try await slots(log, stream: "file")
        #expect(slots.map(\.clips) == [1] && slots.first?.seconds == [0, 4])
    }
}
