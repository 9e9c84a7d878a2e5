import Foundation
import Testing

/// Masks, kept key pictures, search and forget, with a daemon.
@Suite struct ArchiveTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Fractions of the picture; the box of `makeBox` moves inside.
    private static let mask = "[0.05, 0.1, 0.35, 0.45]"

    /// A white box that moves to and fro before a standing test picture of 640 × 360.
    private func makeBox(seconds: Int) async throws -> String {
        let scene = "smptebars=s=640x360:r=25[b];color=white:s=60x60:r=25[o];[b][o]overlay=x='60+80*abs(sin(t))':y=70"
        let result = try await Program.run(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-y", "-filter_complex", scene, "-t", "\(seconds)", "-pix_fmt", "yuv420p",
            ] + Scratch.x264 + [scratch.path("box.mp4")])
        #expect(result.status == 0, "\(result.errors)")
        return scratch.path("box.mp4")
    }

    private func daemon(_ streams: [String], top: String = "") throws -> (program: Program, socket: String, log: String)
    {
        let (socket, log) = (scratch.path("d.sock"), scratch.path("d.sqlite"))
        let entries = streams.map { "  \($0)\n" }.joined()
        let config = try scratch.write(
            "d.yaml", "socket: {path: \"\(socket)\"}\nlog: {path: \"\(log)\"}\n\(top)\nstreams:\n\(entries)")
        return (try Program("videowire", ["daemon", "--config", config]), socket, log)
    }

    /// All events up to the end of so many streams.
    private func events(_ socket: String, streams: Int) async throws -> [String] {
        let watcher = try Program(
            "videowire", ["watch", "--socket", socket, "--json", "--resume", "--from", "2000-01-01T00:00:00Z"])
        defer { watcher.signal(SIGKILL) }
        func isEnd(_ event: EventLine) -> Bool { event.value("state") as? String == "ended" }
        #expect(
            await watcher.wait(upTo: .seconds(60)) { lines in
                EventLine.all(lines, named: "stream.state").count(where: isEnd) == streams
            })
        return watcher.lines
    }

    /// R′G′B′ of a picture file.
    private func pixels(_ path: String) async throws -> (rgb: [UInt8], width: Int) {
        let raw = scratch.path("pixels.raw")
        let decoded = try await Program.run(
            "ffmpeg", ["-v", "error", "-y", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", raw])
        #expect(decoded.status == 0, "\(decoded.errors)")
        let probe = try await Program.run(
            "ffprobe", ["-v", "error", "-show_entries", "stream=width", "-of", "csv=p=0", path])
        return (Array(try Data(contentsOf: URL(filePath: raw))), try #require(probe.lines.first.flatMap { Int($0) }))
    }

    /// The brightest sample of the rectangle that the mask names.
    private func brightest(_ picture: (rgb: [UInt8], width: Int)) -> UInt8 {
        let height = picture.rgb.count / 3 / picture.width
        let rows = height / 10..<height * 55 / 100, columns = picture.width / 20..<picture.width * 2 / 5
        return rows.flatMap { y in
            columns.flatMap { x in picture.rgb[3 * (y * picture.width + x)..<3 * (y * picture.width + x) + 3] }
        }
        .max() ?? 255
    }

    @Test func whatAMaskHidesIsNeitherToldNorKept() async throws {
        let box = try await makeBox(seconds: 16)
        let (program, socket, log) = try daemon(
            [
                "open: {source: \"\(box)\"}", "hidden: {source: \"\(box)\", privacy: [\(Self.mask)]}",
                "anew: {source: \"\(box)\", privacy: [\(Self.mask)], motion: reencode}",
                "ignored: {source: \"\(box)\", ignore: [\(Self.mask)]}",
            ], top: "keep_key_frames: {for: 1d, max: 50MB}")
        defer { program.signal(SIGKILL) }
        let lines = try await events(socket, streams: 4)
        let captions = EventLine.all(lines, named: "caption.final")
        func triggers(_ stream: String) -> Set<String> {
            Set(
                captions.filter { $0.value("stream") as? String == stream }.compactMap {
                    $0.value("trigger") as? String
                })
        }
        #expect(!triggers("open").isSubset(of: ["still"]))
        for stream in ["hidden", "anew", "ignored"] {
            #expect(triggers(stream).isSubset(of: ["still"]), "\(stream): \(triggers(stream))")
        }

        let file = try scratch.write("events.ndjson", lines.map { $0 + "\n" }.joined())
        for (stream, isBlack) in [("open", false), ("hidden", true), ("anew", true), ("ignored", false)] {
            let folder = scratch.path(stream)
            let decoded = try await Program.run("videowire", ["decode", file, "-o", folder, "--stream", stream])
            #expect(decoded.status == 0, "\(decoded.errors)")
            // The coarse blocks of a thumbnail ring where black meets the bars beside the mask.
            let thumbnail = brightest(try await pixels("\(folder)/\(stream)-1-1-key.png"))
            #expect(isBlack ? thumbnail < 64 : thumbnail > 180, "\(stream): \(thumbnail)")
            let jpeg = scratch.path("\(stream).jpg")
            let frame = try await Program.run("videowire", ["frame", "\(stream)/1/1", "-o", jpeg, "--log", log])
            #expect(frame.status == 0, "\(frame.errors)")
            let kept = brightest(try await pixels(jpeg))
            #expect(isBlack ? kept < 8 : kept > 180, "\(stream): \(kept)")
        }
    }

    @Test func keyPicturesAreKeptWithinTheirLimits() async throws {
        let clip = try await scratch.makeClip("a.mp4", seconds: 40, size: "320x180", Scratch.x264)
        let (program, socket, log) = try daemon(
            ["a: {source: \"\(clip)\"}", "b: {source: \"\(clip)\", keep_key_frames: {for: 1h, max: 20kB}}"],
            top: "keep_key_frames: {for: 1h}")
        defer { program.signal(SIGKILL) }
        _ = try await events(socket, streams: 2)
        func names(_ stream: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "\(log).keyframes/\(stream)/1").sorted()
        }
        #expect(try names("a") == (0..<10).map { "\($0).jpg" })
        let left = try names("b")
        let bytes = try left.reduce(0) {
            $0 + (try Data(contentsOf: URL(filePath: "\(log).keyframes/b/1/\($1)")).count)
        }
        #expect(left.last == "9.jpg" && !left.contains("0.jpg") && bytes <= 20_000 && left.count < 10)

        try DocumentedError.expect(
            "A key picture that is not kept",
            await Program.run("videowire", ["frame", "b/1/0", "-o", scratch.path("x.jpg"), "--log", log]))
        try DocumentedError.expect(
            "No key pictures of a stream",
            await Program.run("videowire", ["frame", "c/1/0", "-o", scratch.path("x.jpg"), "--log", log]))
        try DocumentedError.expect(
            "A name that is no clip's",
            await Program.run("videowire", ["frame", "../b/1", "-o", scratch.path("x.jpg"), "--log", log]))
        #expect(!FileManager.default.fileExists(atPath: scratch.path("x.jpg")))
    }

    @Test func keyPicturesThatCannotBeKeptStopNothing() async throws {
        let clip = try await scratch.makeClip("a.mp4", seconds: 12, size: "160x96", Scratch.x264)
        // A file in the folder's place.
        _ = try scratch.write("d.sqlite.keyframes", "kept")
        let (program, socket, _) = try daemon(["a: {source: \"\(clip)\"}"], top: "keep_key_frames: {for: 1h}")
        defer { program.signal(SIGKILL) }
        let lines = try await events(socket, streams: 1)
        #expect(EventLine.all(lines, named: "clip.tokens").count == 3)
        #expect(program.errors.components(separatedBy: "key pictures are not kept").count == 2, "\(program.errors)")
        #expect(try DocumentedError.named("Key pictures cannot be written").isSaid(in: program.errors))
    }

    @Test func captionsAreFoundAndForgotten() async throws {
        let box = try await makeBox(seconds: 12)
        let (program, socket, log) = try daemon(
            ["inside: {source: \"\(box)\"}", "yard: {source: \"\(box)\", ignore: [\(Self.mask)]}"],
            top: "keep_key_frames: {for: 1h}")
        defer { program.signal(SIGKILL) }
        let lines = try await events(socket, streams: 2)
        let caption = try #require(
            EventLine.all(lines, named: "caption.final").first { $0.value("stream") as? String == "inside" })
        let text = try #require(caption.value("text") as? String)
        let words = text.split { !$0.isLetter }.joined(separator: " ")

        func search(_ options: [String]) async throws -> Program.Result {
            try await Program.run("videowire", ["search", "--log", log] + options)
        }
        let found = try await search([words, "--stream", "in*", "--json", "--thumbnails", scratch.path("page")])
        #expect(found.status == 0, "\(found.errors)")
        #expect(found.lines.allSatisfy { EventLine($0)?.value("stream") as? String == "inside" })
        #expect(found.lines.contains { EventLine($0)?.value("text") as? String == text })
        let page = try String(contentsOfFile: scratch.path("page/index.html"), encoding: .utf8)
        #expect(page.contains(text) && page.contains("inside-1-"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path("page")).contains { $0.hasSuffix(".png") })
        let plain = try await search([words, "--since", "1h"])
        #expect(plain.lines.contains { $0.contains("inside/1/") && $0.hasSuffix(text) }, "\(plain.lines)")
        #expect(try await search([words, "--until", "1h"]).lines.isEmpty)
        try DocumentedError.expect("A search without a word", await search(["?!"]))
        try DocumentedError.expect("A time that is none", await search(["van", "--since", "yesterday"]))
        try DocumentedError.expect(
            "No such log", await Program.run("videowire", ["search", "van", "--log", scratch.path("none")]))

        func forget(_ options: [String]) async throws -> Program.Result {
            try await Program.run("videowire", ["forget", "--log", log, "--stream", "inside", "--to", "now"] + options)
        }
        let dry = try await forget(["--from", "1h", "--dry-run"])
        #expect(
            dry.errors.contains("3 clip.tokens, 3 key pictures, 3 remembered slots would be erased"), "\(dry.errors)")
        #expect(try await search([words, "--stream", "inside"]).lines.count == found.lines.count)
        try DocumentedError.expect(
            "A span that ends before it begins", await forget(["--from", "2099-01-01T00:00:00Z"]))
        let done = try await forget(["--from", "1h"])
        #expect(done.status == 0 && done.errors.contains("3 key pictures, 3 remembered slots erased"), "\(done.errors)")
        #expect(try await search([words, "--stream", "inside"]).lines.isEmpty)
        for suffix in ["", "-wal"] {
            let bytes = (try? Data(contentsOf: URL(filePath: log + suffix))) ?? Data()
            #expect(bytes.range(of: Data(#"/videowire/inside","type":"io.videowire.c"#.utf8)) == nil)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(log).keyframes/inside") == ["limits"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(log).keyframes/yard/1").count == 3)

        // The daemon notices within seconds; then consumers are told, and the numbers have no hole.
        let numbers = lines.compactMap { EventLine($0)?.sequence }
        let newest = try #require(numbers.max())
        var replay: [String] = []
        let end = ContinuousClock.now + .seconds(20)
        repeat {
            let watcher = try Program(
                "videowire", ["watch", "--socket", socket, "--json", "--from", "2000-01-01T00:00:00Z"])
            defer { watcher.signal(SIGKILL) }
            #expect(await watcher.wait { $0.contains { EventLine($0)?.sequence == newest } })
            replay = watcher.lines
        } while EventLine.all(replay, named: "log.lost").isEmpty && ContinuousClock.now < end
        let losses = EventLine.all(replay, named: "log.lost")
        #expect(!losses.isEmpty && losses.allSatisfy { $0.value("cause") as? String == "forgotten" })
        let lost = losses.reduce(0) { count, loss in
            let from = (loss.value("from_seq") as? String).flatMap { Int($0) } ?? 0
            let to = (loss.value("to_seq") as? String).flatMap { Int($0) } ?? 0
            return count + to - from + 1
        }
        #expect(replay.compactMap { EventLine($0)?.sequence }.count + lost == newest)
    }

    @Test func masksAndLimitsThatAreNone() async throws {
        func expect(_ row: String, _ stream: String) async throws {
            let (program, _, _) = try daemon(["a: {source: x, \(stream)}"])
            try DocumentedError.expect(row, await program.finish())
        }
        try await expect("A mask that is no rectangle", "privacy: [[0, 0, 1]]")
        try await expect("A mask beyond the picture", "ignore: [[0.6, 0, 0.5, 1]]")
        try await expect("A length of time without a unit", "keep_key_frames: {for: 7}")
        try await expect("An amount of bytes without a unit", "keep_key_frames: {max: 7}")
        try await expect("A language that is none", "language: english language")
        try await expect("A prompt with an unknown place", "prompt: \"{camera} sees\"")
    }
}
