import Foundation
import Testing

/// Sources that are wrong: what docs/errors.md says of each is what is said, and the rest of a daemon goes on.
@Suite struct BadSourceTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Wrong files by their rows.
    private func files() async throws -> [(row: String, path: String)] {
        let clip = try await scratch.makeClip("whole.mp4", seconds: 3, size: "160x96", Scratch.x264)
        let bytes = try Data(contentsOf: URL(filePath: clip))
        // ffmpeg writes the index last: the first half has none.
        let cut = scratch.path("cut.mp4")
        try bytes.prefix(bytes.count / 2).write(to: URL(filePath: cut))
        let random = scratch.path("random.mp4")
        // A linear congruence, so that no run is by chance taken for something.
        let noise = sequence(first: UInt32(20)) { $0 &* 1_664_525 &+ 1_013_904_223 }.prefix(50_000)
        try Data(noise.map { UInt8($0 >> 24) }).write(to: URL(filePath: random))
        let sound = scratch.path("sound.m4a")
        let options = ["-v", "error", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", sound]
        #expect(try await Program.run("ffmpeg", options).status == 0)
        let picture = ["-frames:v", "1", "-update", "1"]
        return [
            ("A path that does not exist", scratch.path("missing.mp4")),
            ("A folder instead of a file", scratch.url.path),
            ("A file that is no video", try scratch.write("notes.mp4", "no video, however long it goes on\n")),
            ("A file without a byte", try scratch.write("empty.mp4", "")), ("An MP4 file without its index", cut),
            ("Random bytes", random),
            (
                "A single picture",
                try await scratch.makeClip("still.mp4", seconds: 1, Scratch.x264 + ["-frames:v", "1"])
            ),
            ("A JPEG picture", try await scratch.makeClip("still.jpg", seconds: 1, picture)),
            ("A PNG picture", try await scratch.makeClip("still.png", seconds: 1, picture + ["-pix_fmt", "rgb24"])),
            ("Sound without pictures", sound),
            ("A codec that is not read", try await scratch.makeClip("other.mkv", seconds: 1, ["-c:v", "ffv1"])),
            ("Pictures too far apart", try await scratch.makeClip("slow.mp4", seconds: 20, rate: "1/2", Scratch.x264)),
            (
                "Less than a second",
                try await scratch.makeClip("short.mp4", seconds: 1, Scratch.x264 + ["-frames:v", "9"])
            ),
        ]
    }

    /// What may be said of a wrong file: GStreamer's parsebin loses a demuxer's error that comes while it sets the demuxer up.
    private func rows(_ name: String) throws -> [DocumentedError] {
        let names = name == "An MP4 file without its index" ? [name, "Damage that no reader tells"] : [name]
        return try names.map { try DocumentedError.named($0) }
    }

    @Test func wrongFilesAreSaidWithTheirExitCode() async throws {
        for (name, path) in try await files() {
            let result = try await Program.run("videowire", ["run", path])
            let row = try rows(name).first { $0.isSaid(in: result.errors) }
            #expect(row != nil && result.status == row?.status && !result.wasKilled, "\(name): \(result)")
        }
    }

    @Test func aDaemonSaysSoAndItsOtherStreamsGoOn() async throws {
        let wrong = try await files()
        let (refusing, lost) = (try RTSPResponder(Self.refusal), try RTSPResponder("404 Not Found"))
        let cameras = [
            ("Nobody listens at the camera's address", "rtsp://127.0.0.1:1/cam", "backoff"),
            ("The camera refuses user or password", "rtsp://a:secret-word@127.0.0.1:\(refusing.port)/cam", "failed"),
            ("The camera has no such path", "rtsp://127.0.0.1:\(lost.port)/none", "backoff"),
            ("A host that does not exist", "rtsp://no-such-host.invalid/cam", "backoff"),
        ]
        let good = try Program("videowire", ["testcam", "--port", "0", "--speed", "10", scratch.path("whole.mp4")])
        #expect(await good.wait { !$0.isEmpty })
        var streams = ["good": try #require(good.lines.first)]
        for (index, file) in wrong.enumerated() { streams["file-\(index)"] = file.path }
        for (index, camera) in cameras.enumerated() { streams["camera-\(index)"] = camera.1 }
        let daemon = try TestDaemon(scratch, streams: streams)
        try await daemon.untilServing()
        let watcher = try Program(
            "videowire", ["watch", "--socket", daemon.socket, "--json", "--from", "2000-01-01T00:00:00Z"])
        defer { for program in [good, daemon.program, watcher] { program.signal(SIGKILL) } }

        func reasons(_ lines: [String], _ stream: String, _ state: String) -> [String] {
            EventLine.all(lines, named: "stream.state")
                .filter { $0.value("stream") as? String == stream && $0.value("state") as? String == state }
                .compactMap { $0.value("reason") as? String }
        }
        for (index, camera) in cameras.enumerated() {
            let row = try DocumentedError.named(camera.0)
            #expect(row.outcome.contains(camera.2))
            let isSaid = await watcher.wait { reasons($0, "camera-\(index)", camera.2).contains { row.isSaid(in: $0) } }
            #expect(isSaid, "\(camera.0): \(reasons(watcher.lines, "camera-\(index)", camera.2))")
        }
        // Files that give no clip end; the log says why.
        let endings = ["Pictures too far apart", "Less than a second"]
        for (index, file) in wrong.enumerated() where !endings.contains(file.row) {
            let rows = try rows(file.row)
            let isSaid = await watcher.wait { lines in
                reasons(lines, "file-\(index)", "failed").contains { reason in rows.contains { $0.isSaid(in: reason) } }
            }
            #expect(isSaid, "\(file.row): \(reasons(watcher.lines, "file-\(index)", "failed"))")
        }
        let count = EventLine.all(watcher.lines, named: "clip.tokens").count
        #expect(await watcher.wait { EventLine.all($0, named: "clip.tokens").count >= count + 3 })
        daemon.program.signal(SIGTERM)
        let end = await daemon.program.finish()
        #expect(end.status == 0 && !end.wasKilled, "\(end.errors)")
        for file in wrong where endings.contains(file.row) {
            #expect(try DocumentedError.named(file.row).isSaid(in: end.errors), "\(file.row): \(end.errors)")
        }
        // What is wrong with a camera is logged once, however often it is tried.
        let complaints = end.errors.split(separator: "\n").filter { $0.contains("stream camera-2: ") }
        #expect(complaints.count == 1 && complaints.allSatisfy { $0.contains("Check the path.") }, "\(complaints)")
        #expect(!end.errors.contains("secret-word") && !watcher.lines.contains { $0.contains("secret-word") })
        // The watcher's numbers have no hole: nothing that was accepted is lost.
        let numbers = watcher.lines.compactMap { EventLine($0)?.sequence }
        #expect(numbers == Array(1...numbers.count))
    }

    private static let refusal = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"camera\""

    @Test func aFileThatMayNotBeRead() async throws {
        let clip = try await scratch.makeClip("secret.mp4", seconds: 1, size: "160x96", Scratch.x264)
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: clip)
        let videowire = Program.binaries.appending(path: "videowire").path
        // Root may read everything, but for a root without these capabilities.
        let fenced = ["--bounding-set=-dac_override,-dac_read_search", videowire, "run", clip]
        let result =
            geteuid() == 0
            ? try await Program.run("setpriv", fenced) : try await Program.run("videowire", ["run", clip])
        try DocumentedError.expect("A file that may not be read", result)
    }

    @Test func aCutFileGivesWhatIsThereAndIsTold() async throws {
        let front = Scratch.x264 + ["-movflags", "+faststart"]
        for (name, codec) in [("a.mp4", front), ("a.mkv", Scratch.x264), ("a.avi", ["-c:v", "mpeg4"])] {
            let clip = try await scratch.makeClip(name, seconds: 20, size: "160x96", codec)
            let whole = try await Program.run("videowire", ["tokens", clip])
            #expect(whole.status == 0 && whole.errors.isEmpty, "\(whole.errors)")
            let bytes = try Data(contentsOf: URL(filePath: clip))
            try bytes.prefix(bytes.count * 6 / 10).write(to: URL(filePath: clip))
            let cut = try await Program.run("videowire", ["tokens", clip])
            try DocumentedError.expect("A file that was cut off", cut)
            #expect(cut.errors.contains("it has \(bytes.count * 6 / 10) of "))
            if name.hasSuffix(".mp4") { #expect(cut.errors.contains("of \(bytes.count) bytes")) }
            #expect(EventLine.all(cut.lines, named: "clip.tokens").count >= 2)
            if name.hasSuffix(".mp4") {
                let vectors = try await Program.run("videowire", ["motion", clip])
                try DocumentedError.expect("A file that was cut off", vectors)
                let daemon = try TestDaemon(scratch, streams: ["cut": clip])
                defer { daemon.program.signal(SIGKILL) }
                let row = try DocumentedError.named("A file that was cut off")
                #expect(await daemon.program.waitForErrors { row.isSaid(in: $0) })
            }
        }
    }

    @Test func anotherResolutionInMidStreamIsAGap() async throws {
        let small = try await scratch.makeClip("small.ts", seconds: 5, size: "160x96", Scratch.x264)
        let large = try await scratch.makeClip("large.ts", seconds: 5, size: "320x180", Scratch.x264)
        let both = scratch.path("both.ts")
        try (Data(contentsOf: URL(filePath: small)) + Data(contentsOf: URL(filePath: large))).write(
            to: URL(filePath: both))
        let result = try await Program.run("videowire", ["tokens", both])
        let row = try DocumentedError.named("The resolution changes in mid-stream")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(result.lines.contains { EventLine($0)?.name == "stream.gap" && row.isSaid(in: $0) }, "\(result.lines)")
        let sizes = EventLine.all(result.lines, named: "clip.tokens").map { $0.value("video", "width") as? Int }
        #expect(sizes.first == 160 && sizes.last == 320)
    }

    @Test func onePictureHasNoMotion() async throws {
        let still = try await scratch.makeClip("still.mp4", seconds: 1, Scratch.x264 + ["-frames:v", "1"])
        let result = try await Program.run("videowire", ["motion", still])
        try DocumentedError.expect("Vectors of a single picture", result)
    }

    @Test func aMissingPluginIsNamedWithItsPackage() async throws {
        let clip = try await scratch.makeClip("a.mp4", seconds: 1, Scratch.x264)
        let all = try await Program.run("pkg-config", ["--variable=pluginsdir", "gstreamer-1.0"])
        let folder = try #require(all.lines.first)
        let some = scratch.path("plugins")
        try FileManager.default.createDirectory(atPath: some, withIntermediateDirectories: true)
        for name in ["coreelements", "playback", "app", "typefindfunctions", "isomp4"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(some)/libgst\(name).so", withDestinationPath: "\(folder)/libgst\(name).so")
        }
        let result = try await Program.run(
            "videowire", ["run", clip],
            environment: ["GST_PLUGIN_SYSTEM_PATH_1_0": some, "GST_REGISTRY_1_0": scratch.path("registry")])
        try DocumentedError.expect("A GStreamer plugin is missing", result)
    }
}
