import Foundation
import ServerTesting
import Synchronization
import Testing

/// Captions and answers that a chat-completions server writes, through the real programs.
@Suite struct CaptionServerTests {
    private typealias Reply = ScriptedServer.Reply
    private typealias Request = ScriptedServer.Request

    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Bars that are mirrored every five seconds: nothing moves, and each mirroring is a cut.
    private func cuts(_ name: String, seconds: Int = 30) async throws -> String {
        let path = scratch.path(name)
        let result = try await Program.run(
            "ffmpeg",
            [
                "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
                "smptebars=s=320x180:r=12,hflip=enable='mod(floor(t/5),2)'", "-t", "\(seconds)", "-pix_fmt", "yuv420p",
            ] + Scratch.x264 + [path])
        #expect(result.status == 0, "\(result.errors)")
        return path
    }

    /// A server with one model that sees; `complete` answers all but the question of the start.
    private static func serve(
        _ complete: @escaping @Sendable (Request, Int) -> Reply
    ) -> @Sendable (Request) -> Reply {
        let asked = Mutex(0)
        return { request in
            switch request.path {
            case "/v1/models": return seeingModel
            case "/v1/chat/completions":
                // The first is that of the start.
                let number = asked.withLock { asked in
                    defer { asked += 1 }
                    return asked
                }
                return number == 0 ? .answer("A disc.") : complete(request, number - 1)
            default: return .json("{}", status: 404)
            }
        }
    }

    /// As llama-server lists a model that takes pictures.
    private static let seeingModel = Reply.json(
        #"{"data":[{"id":"toy-vl","object":"model","owned_by":"llamacpp","architecture":{"input_modalities":["text","image"]}}]}"#
    )

    private static func caption(_ number: Int) -> String {
        let words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"]
        let word = words[number % words.count]
        return "The \(word) picture shows \(word) bars beside \(word) blocks on \(word) ground."
    }

    private func captions(_ lines: [String]) -> [EventLine] { EventLine.all(lines, named: "caption.final") }
    private func skipped(_ lines: [String]) -> [EventLine] { EventLine.all(lines, named: "caption.skipped") }

    // MARK: - A file

    @Test func everyTriggerOfAFileIsWritten() async throws {
        let clip = try await cuts("cuts.mp4")
        let key = try scratch.write("key", "sk-very-secret\n")
        chmod(key, 0o600)
        try await ScriptedServer.run(Self.serve { _, number in .answer(Self.caption(number)) }) { server in
            let run = try await Program.run(
                "videowire",
                ["run", clip, "--json", "--captioner", server.address, "--captioner-key", key])
            #expect(run.status == 0, "\(run.errors)")
            let finals = captions(run.lines)
            #expect(
                finals.compactMap { $0.value("trigger") as? String } == ["still"] + Array(repeating: "cut", count: 5))
            #expect(finals.compactMap { $0.value("text") as? String } == (0..<6).map(Self.caption))
            #expect(skipped(run.lines).isEmpty)
            for (number, final) in finals.enumerated() {
                #expect(final.value("id") as? String == "1/cap-\(number + 1)")
                #expect(final.value("model", "id") as? String == "toy-vl")
                #expect(
                    final.value("writing", "completion_tokens") as? Int
                        == Self.caption(number).split(separator: " ").count)
                let start = try #require(final.value("pts_start_ns") as? Int)
                let known = try #require(final.value("pts_known_ns") as? Int)
                let end = try #require(final.value("pts_end_ns") as? Int)
                #expect(start <= known && known <= end)
                let frames = try #require(final.value("writing", "frames_pts_ns") as? [Int])
                #expect(!frames.isEmpty && frames.count <= 4 && frames == frames.sorted())
                // The newest picture shows what is told: it lies behind the cut.
                if number > 0 { #expect((try #require(frames.last)) >= start) }
            }
            // What was told of a sentence before it was whole, is how it begins.
            for partial in EventLine.all(run.lines, named: "caption.partial") {
                let final = try #require(finals.first { $0.value("id") as? String == partial.value("id") as? String })
                let (text, whole) = (partial.value("text") as? String, final.value("text") as? String)
                #expect(try #require(whole).hasPrefix(try #require(text)))
                #expect((partial.value("rev") as? Int ?? 9) < (final.value("rev") as? Int ?? 0))
            }
            let requests = server.completions.dropFirst()
            #expect(requests.allSatisfy { $0.headers["authorization"] == "Bearer sk-very-secret" })
            #expect(!run.errors.contains("secret") && !run.lines.contains { $0.contains("secret") })
            let last = try #require(requests.last)
            #expect(last.pictures.count == 4 && last.pictures.allSatisfy { $0.starts(with: [0xFF, 0xD8]) })
            #expect(last.text.contains("Previous caption") && last.text.contains(Self.caption(4)))
            #expect(last.text.contains("seconds>") && last.text.contains("Cut to another scene."))
        }
    }

    @Test func aServerSeesNothingOfWhatAPrivacyMaskHides() async throws {
        let clip = try await cuts("cuts.mp4", seconds: 12)
        try await ScriptedServer.run(Self.serve { _, number in .answer(Self.caption(number)) }) { server in
            for (masks, isHidden) in [(["--privacy", "0,0,0.5,1"], true), (["--ignore", "0,0,0.5,1"], false)] {
                let count = server.completions.count
                let run = try await Program.run(
                    "videowire", ["run", clip, "--json", "--captioner", server.address] + masks)
                #expect(run.status == 0, "\(run.errors)")
                // The first is that of the start.
                let pictures = server.completions.dropFirst(count + 1).flatMap(\.pictures)
                #expect(pictures.count > 2)
                for picture in pictures {
                    let left = try await brightest(picture, columns: 0..<160)
                    #expect(isHidden ? left < 8 : left > 100)
                    #expect(try await brightest(picture, columns: 200..<320) > 100)
                }
            }
        }
        let wrong = try await Program.run("videowire", ["run", clip, "--privacy", "0,0,2,1"])
        try DocumentedError.expect("A mask that is no part of the picture", wrong)
    }

    /// The brightest sample of some columns of a JPEG picture of 320 × 180.
    private func brightest(_ jpeg: [UInt8], columns: Range<Int>) async throws -> UInt8 {
        let (file, raw) = (scratch.path("sent.jpg"), scratch.path("sent.raw"))
        try Data(jpeg).write(to: URL(filePath: file))
        let result = try await Program.run(
            "ffmpeg", ["-v", "error", "-nostdin", "-y", "-i", file, "-f", "rawvideo", "-pix_fmt", "gray", raw])
        #expect(result.status == 0, "\(result.errors)")
        let pixels = [UInt8](try Data(contentsOf: URL(filePath: raw)))
        try #require(pixels.count == 320 * 180)
        return (0..<180).flatMap { row in columns.map { pixels[320 * row + $0] } }.max() ?? 0
    }

    @Test func everyFaultOfAServerIsTold() async throws {
        let clip = try await cuts("cuts.mp4", seconds: 45)
        let broken = Reply.delta("The lights")
        let replies: [Reply] = [
            .json(#"{"error":{"message":"Loading model"}}"#, status: 503, headers: ["Retry-After": "1"]),
            .answer(Self.caption(0)),
            .json(#"{"error":{"message":"slow down"}}"#, status: 429, headers: ["Retry-After": "1"]),
            .answer(Self.caption(1)),
            // Breaks off twice: what there is of it is told.
            Reply(steps: [.send(Reply.eventHead), .send(Reply.chunk(Array(broken.utf8))), .close]),
            Reply(steps: [.send(Reply.eventHead), .send(Reply.chunk(Array(broken.utf8))), .close]),
            .events([
                Array(Reply.delta("A dog").utf8),
                Array("data: {\"error\":{\"message\":\"out of memory\"}}\n\n".utf8),
            ]),
            .answer(Self.caption(2)),
            .answer("<silence>"),
            .answer(Self.caption(3)),
            .answer(Self.caption(3)),
            .events([Array("data: nonsense\n\n".utf8)]),
        ]
        let script = Self.serve { _, number in
            number < replies.count ? replies[number] : .answer(Self.caption(number))
        }
        try await ScriptedServer.run(script) { server in
            let run = await
                (try Program(
                    "videowire", ["run", clip, "--json", "--captioner", server.address])).finish(upTo: .seconds(90))
            #expect(run.status == 0, "\(run.errors)")
            let (finals, skips) = (captions(run.lines), skipped(run.lines))
            // A picture that stands, and eight cuts.
            #expect(finals.count + skips.count == 9, "\(run.errors)")
            let causes = skips.compactMap { $0.value("cause") as? String }
            #expect(causes.contains("silence") && causes.contains("repeat"))
            let truncated = finals.filter { $0.value("finish") as? String == "truncated" }
            #expect(truncated.contains { $0.value("text") as? String == "The lights" })
            // The caption after one that broke off takes its place.
            let id = try #require(truncated.first?.value("id") as? String)
            #expect(finals.contains { $0.value("replaces") as? String == id })
            for skip in skips where skip.value("cause") as? String == "failed" {
                #expect((skip.value("reason") as? String)?.isEmpty == false)
            }
            #expect(EventLine.all(run.lines, named: "clip.tokens").count >= 11)
        }
    }

    @Test func serversThatCannotCaptionAreRefusedAtOnce() async throws {
        let clip = try await scratch.makeClip("clip.mp4", seconds: 2, Scratch.x264)
        @Sendable func run(_ address: String, _ more: [String] = []) async throws -> Program.Result {
            try await Program.run("videowire", ["run", clip, "--json", "--captioner", address] + more)
        }
        let textOnly = #"{"data":[{"id":"words","owned_by":"llamacpp","architecture":{"input_modalities":["text"]}}]}"#
        try await ScriptedServer.run({ _ in .json(textOnly) }) { server in
            try DocumentedError.expect("A caption model that takes no pictures", try await run(server.address))
        }
        try await ScriptedServer.run(Self.serve { _, _ in .answer("") }) { server in
            try DocumentedError.expect(
                "A caption model that the server does not have",
                try await run(server.address, ["--captioner-model", "other"]))
        }
        try await ScriptedServer.run({ _ in .json(#"{"error":{"message":"no"}}"#, status: 401) }) { server in
            try DocumentedError.expect("A caption server that refuses the key", try await run(server.address))
        }
        try DocumentedError.expect("No caption server", try await run("http://127.0.0.1:9"))
        try DocumentedError.expect("An address that is no caption server's", try await run("ftp://127.0.0.1"))
        try DocumentedError.expect(
            "A key without a caption server",
            try await Program.run("videowire", ["run", clip, "--captioner-key", "key"]))
    }

    // MARK: - The daemon

    private func camera(_ clip: String) async throws -> (program: Program, url: String) {
        let program = try Program("videowire", ["testcam", clip, "--port", "0"])
        _ = await program.wait { !$0.isEmpty }
        return (program, try #require(program.lines.first))
    }

    private func configuration(_ scratch: Scratch, server: String?, video: String, streams: String) -> String {
        """
        socket: {path: "\(scratch.path("daemon.sock"))", heartbeat_seconds: 1}
        log: {path: "\(scratch.path("log.sqlite"))"}
        \(server.map { "captioner: {url: \"\($0)\", video: \(video)}" } ?? "")
        speech: {gap_ms: 1000, per_minute: 60}
        streams: {\(streams)}
        """
    }

    private func daemon(server: String?, video: String = "none", streams: String) throws -> TestDaemon {
        try TestDaemon(
            scratch, configuration: configuration(scratch, server: server, video: video, streams: streams),
            socket: scratch.path("daemon.sock"), log: scratch.path("log.sqlite"))
    }

    @Test func aServerThatHangsHoldsNobodyUp() async throws {
        let (camera, url) = try await camera(try await cuts("cuts.mp4"))
        defer { camera.signal(SIGKILL) }
        let script = Self.serve { _, _ in Reply(steps: [.send(Reply.eventHead), .hold]) }
        try await ScriptedServer.run(script) { server in
            let daemon = try daemon(
                server: server.address,
                streams: "slow: {source: \"\(url)\"}, plain: {source: \"\(url)\", captioner: motion}")
            try await daemon.untilServing()
            let watcher = try daemon.watch()
            #expect(
                await watcher.wait(upTo: .seconds(40)) { lines in
                    captions(lines).count { $0.value("stream") as? String == "plain" } >= 3
                        && EventLine.all(lines, named: "clip.tokens").count { $0.value("stream") as? String == "slow" }
                            >= 3
                        && skipped(lines).contains { $0.value("stream") as? String == "slow" }
                }, "\(daemon.program.errors)")
            // What waited for its turn gave way to what came after it.
            #expect(skipped(watcher.lines).allSatisfy { $0.value("cause") as? String == "superseded" })
            daemon.program.signal(SIGTERM)
            let end = await daemon.program.finish()
            #expect(end.status == 0 && !end.wasKilled, "\(end.errors)")
            let left = skipped(await watcher.finish().lines)
            #expect(left.contains { $0.value("cause") as? String == "ended" })
        }
    }

    @Test func captionsAreShownAsTheyGrowAndQuestionsAreAnswered() async throws {
        let (camera, url) = try await camera(try await cuts("cuts.mp4"))
        defer { camera.signal(SIGKILL) }
        let script = Self.serve { request, number in
            if request.text.contains("Are there bars?") {
                let past = request.text.contains("What is remembered of the past") ? " and the past" : ""
                return .answer("Yes: \(request.pictures.count) pictures\(past) with bars.")
            }
            let words = Self.caption(number).split(separator: " ").enumerated().map { index, word in
                Array(Reply.delta(index == 0 ? String(word) : " " + word).utf8)
            }
            let pieces: [ScriptedServer.Step] = words.flatMap { word -> [ScriptedServer.Step] in
                [.send(Reply.chunk(word)), .pause(.milliseconds(60))]
            }
            let end = Array((Reply.last("stop") + Reply.done).utf8)
            return Reply(steps: [.send(Reply.eventHead)] + pieces + [.send(Reply.chunk(end)), .send(Reply.lastChunk)])
        }
        try await ScriptedServer.run(script) { server in
            let daemon = try daemon(
                server: server.address, video: "video_url",
                streams: """
                    yard: {source: "\(url)", title: "The yard", context: "faces the gate", language: de},
                    plain: {source: "\(url)", captioner: motion}
                    """)
            try await daemon.untilServing()
            let watcher = try daemon.watch(["--stream", "yard"])
            #expect(
                await watcher.wait(upTo: .seconds(30)) { lines in
                    captions(lines).count >= 2 && EventLine.all(lines, named: "caption.partial").count >= 2
                }, "\(daemon.program.errors)")
            let final = try #require(captions(watcher.lines).first)
            #expect(final.value("lang") as? String == "de")
            #expect(final.value("utc_start") is String)
            let system =
                ((server.completions.last?.members["messages"] as? [[String: Any]])?.first?["content"]) as? String
            #expect(system?.contains("faces the gate") == true && system?.contains("de") == true)

            let film = try #require(server.completions.last { !$0.videos.isEmpty })
            #expect(film.pictures.count == 1)
            try Data(film.videos[0]).write(to: URL(filePath: scratch.path("film.mp4")))
            let probe = try await Program.run(
                "ffprobe",
                [
                    "-v", "error", "-count_frames", "-of", "csv=p=0", "-show_entries",
                    "stream=codec_name,width,height,r_frame_rate,nb_read_frames", scratch.path("film.mp4"),
                ])
            let found = probe.lines.first?.split(separator: ",").map { String($0) } ?? []
            #expect(found.count == 5 && found[..<4] == ["h264", "320", "180", "2/1"], "\(found) \(probe.errors)")
            #expect((3...16).contains(found.last.flatMap { Int($0) } ?? 0), "\(found)")

            let answer = try await Program.run(
                "videowire", ["ask", "yard", "Are there bars?", "--socket", daemon.socket])
            #expect(
                answer.status == 0 && answer.lines.first == "Yes: 5 pictures and the past with bars.",
                "\(answer.lines) \(answer.errors)")
            let plain = try await Program.run(
                "videowire", ["ask", "plain", "Are there bars?", "--socket", daemon.socket])
            #expect(plain.status == 0, "\(plain.errors)")
            #expect(plain.lines.first == "No model answers questions here; this is what motion has shown.")
            try DocumentedError.expect(
                "A question about a stream that is not there",
                try await Program.run("videowire", ["ask", "attic", "Who?", "--socket", daemon.socket]))
            #expect(
                await watcher.wait { lines in
                    EventLine.all(lines, named: "answer").contains {
                        $0.value("question") as? String == "Are there bars?" && $0.sequence != nil
                    }
                })
            daemon.program.signal(SIGTERM)
            #expect(await daemon.program.finish().status == 0)
        }
    }

    @Test func aServerThatComesLaterIsFound() async throws {
        let (camera, url) = try await camera(try await cuts("cuts.mp4"))
        defer { camera.signal(SIGKILL) }
        // A port that was free a moment ago.
        let port = try await ScriptedServer.run({ _ in .json("{}") }) { $0.port }
        let daemon = try daemon(server: "http://127.0.0.1:\(port)", streams: "yard: {source: \"\(url)\"}")
        try await daemon.untilServing()
        let watcher = try daemon.watch()
        #expect(
            await watcher.wait(upTo: .seconds(40)) { lines in
                skipped(lines).contains {
                    $0.value("cause") as? String == "busy" || $0.value("cause") as? String == "superseded"
                }
            }, "\(daemon.program.errors)")
        #expect(try DocumentedError.named("The caption server is away").isSaid(in: daemon.program.errors))
        try await ScriptedServer.run(
            port: port,
            { request in
                request.path == "/v1/models" ? Self.seeingModel : .answer(Self.caption(3))
            }
        ) { _ in
            #expect(await watcher.wait(upTo: .seconds(40)) { !captions($0).isEmpty }, "\(daemon.program.errors)")
        }
        daemon.program.signal(SIGTERM)
        #expect(await daemon.program.finish().status == 0)
    }
}
