import Foundation
import Testing

@Suite struct DecodeTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// A log of three clips, the last of them two seconds long.
    private func log() async throws -> String {
        let clip = try await scratch.makeClip("front.mp4", seconds: 10, Scratch.x264)
        let result = try await Program.run("videowire", ["run", clip])
        #expect(result.status == 0, "\(result.errors)")
        return try scratch.write("events.ndjson", result.lines.joined(separator: "\n") + "\n")
    }

    private func decode(_ events: String, _ output: String, _ more: [String] = []) async throws -> Program.Result {
        try await Program.run("videowire", ["decode", events, "-o", output] + more)
    }

    /// The picture as ffmpeg reads it, in rows of R, G, B.
    private func pixels(_ path: String) async throws -> (width: Int, height: Int, rgb: [UInt8]) {
        let raw = scratch.path("raw.rgb")
        let size = try await Program.run(
            "ffprobe", ["-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", path])
        let sides = (size.lines.first ?? "").split(separator: ",").compactMap { Int($0) }
        try #require(sides.count == 2, "\(size.errors)")
        let result = try await Program.run(
            "ffmpeg", ["-v", "error", "-nostdin", "-y", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", raw])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        return (sides[0], sides[1], Array(try Data(contentsOf: URL(filePath: raw))))
    }

    @Test func aLogBecomesTwoPicturesAClipAndAPage() async throws {
        let events = try await log()
        let folder = scratch.path("a/pictures")
        let result = try await decode(events, folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("3 clips, 10 s"))
        let names = (0..<3).flatMap { ["front-1-\($0)-key.png", "front-1-\($0)-motion.png"] }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == names + ["index.html"])
        let page = try String(contentsOfFile: folder + "/index.html", encoding: .utf8)
        #expect(names.allSatisfy { page.contains("src=\"\($0)\"") })
        let motion = try await pixels(folder + "/front-1-0-motion.png")
        #expect(motion.width == 2 * 432 && motion.height == 2 * 244 + 68)
    }

    /// The luma of the thumbnail is that of the picture that was tokenized, but for coarse quantisation.
    @Test func theThumbnailShowsTheScene() async throws {
        let events = try await log()
        _ = try await decode(events, scratch.path("out"))
        let key = try await pixels(scratch.path("out/front-1-1-key.png"))
        #expect(key.width == 576 && key.height == 324)
        func luma(_ input: [String]) async throws -> Data {
            let raw = scratch.path("luma")
            let filter = ["-frames:v", "1", "-vf", "scale=72:40:flags=area,format=rgb24,format=gray"]
            _ = try await Program.run(
                "ffmpeg", ["-v", "error", "-nostdin", "-y"] + input + filter + ["-f", "rawvideo", raw])
            return try Data(contentsOf: URL(filePath: raw))
        }
        let shown = try await luma(["-i", scratch.path("out/front-1-1-key.png")])
        let original = try await luma(["-ss", "4", "-i", scratch.path("front.mp4")])
        let distances = zip(shown, original).map { abs(Int($0) - Int($1)) }
        try #require(distances.count == 72 * 40)
        #expect(distances.reduce(0, +) / distances.count < 6)
    }

    @Test func aLogBecomesAVideo() async throws {
        let events = try await log()
        let movie = scratch.path("out.mp4")
        let result = try await decode(events, movie)
        #expect(result.status == 0, "\(result.errors)")
        let probe = try await Program.run(
            "ffprobe",
            [
                "-v", "error", "-count_frames", "-of", "default=nw=1", "-show_entries",
                "stream=codec_name,width,height,r_frame_rate,nb_read_frames:format=duration", movie,
            ])
        #expect(
            probe.lines == [
                "codec_name=h264", "width=576", "height=324", "r_frame_rate=6/1", "nb_read_frames=60",
                "duration=10.000000",
            ])
    }

    @Test func theSameLogGivesTheSameFiles() async throws {
        let events = try await log()
        for output in ["1", "2", "1.mp4", "2.mp4"] {
            #expect(try await decode(events, scratch.path(output)).status == 0)
        }
        #expect(FileManager.default.contentsEqual(atPath: scratch.path("1"), andPath: scratch.path("2")))
        #expect(FileManager.default.contentsEqual(atPath: scratch.path("1.mp4"), andPath: scratch.path("2.mp4")))
    }

    @Test func standardInputIsReadToo() async throws {
        let events = try await log()
        let videowire = Program.binaries.appending(path: "videowire").path
        let result = try await Program.run(
            "bash", ["-c", #""$0" decode - -o "$2" < "$1""#, videowire, events, scratch.path("out")])
        #expect(result.status == 0, "\(result.errors)")
        #expect(FileManager.default.fileExists(atPath: scratch.path("out/front-1-2-motion.png")))
    }

    @Test func damagedLinesDoNotStopTheOthers() async throws {
        let lines = try String(contentsOfFile: try await log(), encoding: .utf8).split(separator: "\n").map {
            String($0)
        }
        let tokens = try #require(lines.first { $0.contains("clip.tokens") })
        let damaged = [
            "no JSON at all", String(tokens.prefix(300)), "[1,2]",
            tokens.replacing("scalar-v1", with: "other-v9"),
            tokens.replacing("\"motion\":{\"ids\":[", with: "\"motion\":{\"ids\":[5000,"),
            tokens.replacing("\"key\":{\"ids\":[", with: "\"key\":{\"ids\":[\"x\","),
            tokens.replacing("\"index\":0", with: "\"index\":-9223372036854775808000"),
            String(repeating: "x", count: 2_000_000),
        ]
        let events = try scratch.write("damaged.ndjson", (damaged + lines).joined(separator: "\n"))
        let result = try await decode(events, scratch.path("out"))
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("8 of \(lines.count + 8) lines could not be used"), "\(result.errors)")
        #expect(result.errors.contains("3 clips"))
        for words in [
            "line 1: not JSON", "line 2: not JSON", "line 3: not an event",
            "line 4: tokens of the tokenizer other-v9, which is not known here; known is scalar-v1",
            "line 5: motion id 0 is 5000, where a quantiser id must stand",
            "line 6: data.key.ids must be a list of numbers", "line 7: data.clip.index must be a number",
            "line 8: longer than",
        ] {
            #expect(result.errors.contains(words), "\(words) is not in\n\(result.errors)")
        }
    }

    @Test func aNameOfAStreamDoesNotLeadOutOfTheFolder() async throws {
        let text = try String(contentsOfFile: try await log(), encoding: .utf8)
        let events = try scratch.write("evil.ndjson", text.replacing("\"front\"", with: "\"../<b>\""))
        #expect(try await decode(events, scratch.path("out")).status == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path("out"))
        #expect(names.contains("..%2F%3Cb%3E-1-0-key.png"), "\(names)")
        let page = try String(contentsOfFile: scratch.path("out/index.html"), encoding: .utf8)
        #expect(page.contains("src=\"..%252F%253Cb%253E-1-0-key.png\"") && !page.contains("<b>"))
    }

    @Test func oneOfSeveralStreamsIsChosen() async throws {
        let text = try String(contentsOfFile: try await log(), encoding: .utf8)
        let events = try scratch.write("two.ndjson", text + text.replacing("\"front\"", with: "\"back\""))
        let movie = try await decode(events, scratch.path("a.mp4"))
        #expect(movie.status == 0)
        #expect(movie.errors.contains("3 clips of the stream back left out; --stream says which one to show"))
        let back = try await decode(events, scratch.path("back"), ["--stream", "back"])
        #expect(back.errors.contains("3 clips of the stream front left out"))
        #expect(FileManager.default.fileExists(atPath: scratch.path("back/back-1-0-key.png")))
        let none = try await decode(events, scratch.path("none"), ["--stream", "side"])
        #expect(none.status == 65)
        #expect(none.errors.contains("no token events of the stream side; it has some of back, front"))
    }

    @Test func whatCannotBeReadOrWrittenIsNamedWithItsExitCode() async throws {
        let events = try await log()
        let empty = try scratch.write("empty.ndjson", "\n\n")
        let states = try scratch.write("states.ndjson", #"{"type":"io.videowire.stream.state.v1","data":{}}"#)
        let file = try scratch.write("file", "")
        let missing = scratch.path("missing.ndjson")
        try FileManager.default.createSymbolicLink(atPath: scratch.path("full.mp4"), withDestinationPath: "/dev/full")
        let wrong: [(events: String, output: String, status: Int32, words: String)] = [
            (missing, "out", 66, "\(missing): No such file"), (scratch.url.path, "out", 66, "Is a directory"),
            (empty, "out", 65, "no token events"), (states, "out", 65, "videowire run --json"),
            (scratch.path("front.mp4"), "out", 65, "lines could not be used"),
            (events, "file", 74, file), (events, "file/out", 74, "Not a directory"),
            (events, "full.mp4", 74, "No space left on device"),
            (events, "file/out.mp4", 74, "\(file)/out.mp4: Not a directory"),
        ]
        for (events, output, status, words) in wrong {
            let result = try await decode(events, scratch.path(output))
            #expect(result.status == status, "\(events) \(output): \(result.errors)")
            #expect(result.errors.contains(words), "\(words) is not in\n\(result.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.path("out")))
    }
}
