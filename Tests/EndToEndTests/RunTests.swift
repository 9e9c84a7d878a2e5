import Foundation
import Testing

@Suite struct RunTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test func aFileGivesTokensCaptionsAndOrderlyStates() async throws {
        let clip = try await scratch.makeClip("moving.mp4", seconds: 10, Scratch.x264)
        let result = try await Program.run("videowire", ["run", clip])
        #expect(result.status == 0, "\(result.errors)")
        let events = result.lines.compactMap { EventLine($0) }
        #expect(events.count == result.lines.count)
        #expect(events.compactMap(\.sequence) == Array(1...events.count))
        #expect(Set(events.compactMap(\.epoch)).count == 1)

        let tokens = EventLine.all(result.lines, named: "clip.tokens")
        #expect(tokens.map { $0.value("clip", "index") as? Int } == [0, 1, 2])
        #expect(tokens.map { $0.value("clip", "complete") as? Bool } == [true, true, false])
        #expect(tokens.map { $0.value("clip", "frames") as? Int } == [100, 100, 50])
        #expect(tokens.allSatisfy { ($0.value("key", "ids") as? [Int])?.isEmpty == false })
        #expect(tokens.allSatisfy { ($0.value("motion", "source") as? String) == "codec" })
        #expect(!EventLine.all(result.lines, named: "caption.final").isEmpty)

        let states = EventLine.all(result.lines, named: "stream.state").map { $0.value("state") as? String }
        #expect(states == ["connecting", "live", "ended"])
        #expect(events.last?.value("state") as? String == "ended")
    }

    @Test func tokensLeavesCaptionsOut() async throws {
        let clip = try await scratch.makeClip("a.mp4", seconds: 5, Scratch.x264)
        let result = try await Program.run("videowire", ["tokens", clip])
        #expect(result.status == 0)
        #expect(EventLine.all(result.lines, named: "clip.tokens").count == 2)
        #expect(EventLine.all(result.lines, named: "caption.final").isEmpty)
    }

    @Test(arguments: [Scratch.x264, Scratch.x264WithB])
    func theSameFileGivesTheSameData(codec: [String]) async throws {
        let clip = try await scratch.makeClip("same.mp4", seconds: 9, codec)
        var runs: [[String]] = []
        for _ in 0..<2 {
            let result = try await Program.run("videowire", ["run", clip])
            runs.append(EventLine.all(result.lines, named: "clip.tokens").map(\.comparable))
        }
        #expect(runs[0].count == 3)
        #expect(runs[0] == runs[1])
    }

    @Test func aClosedOutputEndsTheRunCleanly() async throws {
        let clip = try await scratch.makeClip("long.mp4", seconds: 60, size: "128x96", Scratch.x264)
        let videowire = Program.binaries.appending(path: "videowire").path
        let result = try await Program.run(
            "bash", ["-c", #"set -o pipefail; "$0" run "$1" | head -n 2"#, videowire, clip])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.lines.count == 2)
        #expect(result.errors.isEmpty)
    }

    @Test(arguments: [
        ["-c:v", "libx264", "-preset", "ultrafast", "-flags", "+ildct+ilme", "-x264-params", "tff=1"],
        ["-c:v", "mjpeg"],
    ])
    func theCodecsVectorsAreRefusedWhereThereAreNone(codec: [String]) async throws {
        let clip = try await scratch.makeClip("refused.mov", seconds: 2, codec)
        let reencoded = try await Program.run("videowire", ["run", clip])
        #expect(reencoded.status == 0, "\(reencoded.errors)")
        let sources = EventLine.all(reencoded.lines, named: "clip.tokens").map {
            $0.value("motion", "source") as? String
        }
        #expect(sources == ["reencode"])
        let result = try await Program.run("videowire", ["run", "--motion", "codec", clip])
        #expect(result.status == 65, "\(result.errors)")
        let states = EventLine.all(result.lines, named: "stream.state").map { $0.value("state") as? String }
        #expect(states.contains("failed") && !states.contains("live"))
    }

    @Test func aFileThatIsNoVideoIsSaidInTheEventsToo() async throws {
        let file = try scratch.write("broken.mp4", "no video")
        for _ in 0..<5 {
            let result = try await Program.run("videowire", ["run", file])
            #expect(result.status == 65)
            let states = EventLine.all(result.lines, named: "stream.state").map { $0.value("state") as? String }
            #expect(states == ["connecting", "failed"])
        }
    }

    @Test func aSessionThatGivesNothingDoesNotEndTheStream() async throws {
        let filter = ["-vf", "select='eq(n,0)+gt(t,12)'", "-vsync", "vfr"]
        let clip = try await scratch.makeClip("jump.mp4", seconds: 18, filter + Scratch.x264 + ["-sc_threshold", "0"])
        let result = try await Program.run("videowire", ["run", clip])
        #expect(result.status == 0, "\(result.errors)")
        let states = EventLine.all(result.lines, named: "stream.state").map { $0.value("state") as? String }
        #expect(states == ["connecting", "live", "failed", "live", "ended"])
        let sessions = EventLine.all(result.lines, named: "clip.tokens").map { $0.value("session") as? Int }
        #expect(!sessions.isEmpty && sessions.allSatisfy { $0 == 2 })
    }

    @Test func peopleGetShortLinesOnATerminal() async throws {
        let clip = try await scratch.makeClip("tty.mp4", seconds: 5, Scratch.x264)
        let videowire = Program.binaries.appending(path: "videowire").path
        // script(1) gives the program a terminal.
        let result = try await Program.run("script", ["-qec", "\(videowire) run \(clip)", "/dev/null"])
        #expect(result.status == 0)
        let text = result.lines.joined(separator: "\n")
        #expect(text.contains("clip 0: "))
        #expect(text.contains("motion ids"))
        #expect(!text.contains("specversion"))
    }

    @Test func sourcesThatCannotBeUsedAreNamedWithTheirExitCode() async throws {
        let text = try scratch.write("text.mp4", "this is no video, however long it goes on\n")
        let empty = try scratch.write("empty.mp4", "")
        let missing = scratch.path("missing.mp4")
        for (path, status) in [(missing, 66), (scratch.url.path, 66), (text, 65), (empty, 65)] as [(String, Int32)] {
            let result = try await Program.run("videowire", ["run", path])
            #expect(result.status == status, "\(path): \(result.errors)")
            #expect(result.errors.hasPrefix("videowire: "))
            #expect(result.errors.contains(path))
        }
        let sound = scratch.path("sound.mp4")
        _ = try await Program.run(
            "ffmpeg", ["-loglevel", "error", "-nostdin", "-f", "lavfi", "-i", "sine", "-t", "1", "-c:a", "aac", sound])
        let result = try await Program.run("videowire", ["run", sound])
        #expect(result.status == 65, "\(result.errors)")
        #expect(result.errors.contains("no video"))
    }

    @Test func interruptingALiveSourceWritesWhatWasTakenIn() async throws {
        let program = try Program("videowire", ["run"])
        defer { program.signal(SIGKILL) }
        #expect(await program.wait { $0.contains { EventLine($0)?.name == "clip.tokens" } })
        program.signal(SIGINT)
        let result = await program.finish()
        #expect(result.status == 0, "\(result.errors)")
        let events = result.lines.compactMap { EventLine($0) }
        #expect(events.compactMap(\.sequence) == Array(1...events.count))
    }

    @Test func everyLineObeysTheSchema() async throws {
        let clip = try await scratch.makeClip("schema.mp4", seconds: 9, Scratch.x264WithB)
        let live = try Program("videowire", ["run", "--name", "test"])
        defer { live.signal(SIGKILL) }
        let file = try await Program.run("videowire", ["run", clip])
        #expect(await live.wait { $0.contains { EventLine($0)?.name == "clip.tokens" } })
        live.signal(SIGINT)
        let lines = file.lines + (await live.finish()).lines
        let names = Set(lines.compactMap { EventLine($0)?.name })
        #expect(names.isSuperset(of: ["stream.state", "clip.tokens", "caption.final"]))

        let events = try scratch.write("events.ndjson", lines.joined(separator: "\n"))
        let schema = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/events.schema.json").path
        let script = """
            import json, jsonschema, sys
            validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
            for line in open(sys.argv[2]):
                for error in validator.iter_errors(json.loads(line)):
                    print(error.message[:300], line[:300])
            """
        let check = try await Program.run("/usr/bin/python3", ["-c", script, schema, events])
        #expect(check.status == 0 && check.lines.isEmpty, "\(check.errors)\(check.lines)")
    }

    @Test func aReaderThatDoesNotReadDoesNotPreventTheEnd() async throws {
        let clip = try await scratch.makeClip("long.mp4", seconds: 60, size: "128x96", Scratch.x264)
        // Long lines, so that the pipe is full at once and the file is held back.
        let name = String(repeating: "n", count: 60_000)
        let program = try Program("videowire", ["run", clip, "--name", name], readsOutput: false)
        defer { program.signal(SIGKILL) }
        #expect(await program.fillsPipe())
        program.signal(SIGTERM)
        let end = await program.finish(upTo: .seconds(8))
        #expect(end.status == 0 && !end.wasKilled)
    }
}
