import Foundation
import Testing

/// What consumers do wrong, to a running daemon and to the commands; docs/errors.md says what they are told.
@Suite struct BadConsumerTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test func wrongLinesAreAnsweredAndOthersGoOn() async throws {
        let clip = try await scratch.makeClip("camera.mp4", seconds: 8, size: "160x96", Scratch.x264)
        let camera = try Program("videowire", ["testcam", clip, "--port", "0", "--speed", "10"])
        #expect(await camera.wait { !$0.isEmpty })
        let daemon = try TestDaemon(scratch, streams: ["cam": try #require(camera.lines.first)])
        try await daemon.untilServing()
        let steady = try Program("videowire", ["watch", "--socket", daemon.socket, "--json"])
        defer { for program in [camera, daemon.program, steady] { program.signal(SIGKILL) } }
        #expect(await steady.wait { EventLine.all($0, named: "clip.tokens").count >= 1 })

        let client = try RawClient(path: daemon.socket)
        let deep = String(repeating: "[", count: 50_000)
        for (name, line) in [
            ("A line that is no request", "hello there"), ("A line that is no request", #"{"subscribe":{}"#),
            ("A line that is no request", #"{"ping":\#(deep)}"#),
            ("An unknown field in a request", #"{"subscribe":{"stream":"cam"}}"#),
            ("A wrong value in a request", #"{"subscribe":{"max_queue":-1}}"#),
            ("An epoch that the log does not know", #"{"subscribe":{"from":{"epoch":"GONE","seq":7}}}"#),
        ] {
            let row = try DocumentedError.named(name)
            try client.send(line)
            let isAnswer: (String) -> Bool = { ["error", "log.lost"].contains(EventLine($0)?.name) }
            let answer = try client.readLines { $0.contains(where: isAnswer) }.first(where: isAnswer)
            // In JSON, quotes have a backslash.
            let text = (answer ?? "").replacingOccurrences(of: "\\\"", with: "\"")
            #expect(row.isSaid(in: text), "\(name): \(text.prefix(500))")
            #expect(row.outcome.contains(EventLine(answer ?? "")?.name ?? "nothing"))
        }
        try client.send(String(repeating: "x", count: 70_000))
        let answers = try client.readLines { _ in false }
        let row = try DocumentedError.named("A line that is too long")
        #expect(row.isSaid(in: answers.last ?? ""), "\(answers)")

        for (name, options) in [
            ("A starting point that watch does not know", ["--from", "yesterday"]),
            ("A request of watch that the daemon refuses", ["--stream", String(repeating: "x", count: 300)]),
            ("A request of watch that the daemon refuses", ["--from", "GONE/18446744073709551615"]),
            ("A request of watch that the daemon refuses", ["--resume", "--type", String(repeating: "x", count: 300)]),
        ] {
            let result = try await Program.run("videowire", ["watch", "--socket", daemon.socket] + options)
            try DocumentedError.expect(name, result)
        }
        let count = EventLine.all(steady.lines, named: "clip.tokens").count
        #expect(await steady.wait { EventLine.all($0, named: "clip.tokens").count > count + 2 })
        let numbers = steady.lines.compactMap { EventLine($0)?.sequence }
        #expect(numbers == Array((numbers.first ?? 0)...(numbers.last ?? 0)))
    }

    @Test func outputsThatCannotBeWritten() async throws {
        let clip = try await scratch.makeClip("a.mp4", seconds: 10, size: "160x96", Scratch.x264)
        let videowire = Program.binaries.appending(path: "videowire").path
        for command in ["run", "motion", "reencode", "probe"] {
            let full = try await Program.run("bash", ["-c", #""$0" "$1" "$2" > /dev/full"#, videowire, command, clip])
            try DocumentedError.expect("Standard output is full", full)
        }
        let gone = try await Program.run(
            "bash", ["-c", #"set -o pipefail; "$0" motion "$1" | head -n 1"#, videowire, clip])
        #expect(gone.status == (try DocumentedError.named("The reader of standard output has gone").status))
        #expect(gone.errors.isEmpty && gone.lines.count == 1)
        let file = try await Program.run("videowire", ["motion", clip, "-o", "/proc/nowhere/table.csv"])
        try DocumentedError.expect("An output file that cannot be made", file)
    }

    @Test func commandsThatCannotWork() async throws {
        let socket = scratch.path("none.sock")
        try DocumentedError.expect(
            "No daemon on the socket", try await Program.run("videowire", ["watch", "--socket", socket]))
        try DocumentedError.expect(
            "An unknown option", try await Program.run("videowire", ["run", "--sped", "4"]))
        try DocumentedError.expect(
            "A source of an unknown kind on the command line",
            try await Program.run("videowire", ["run", "http://x/y"]))
        try DocumentedError.expect(
            "No such file of events",
            try await Program.run("videowire", ["decode", scratch.path("none"), "-o", scratch.path("out")]))
        let text = try scratch.write("text.ndjson", "no event\n")
        try DocumentedError.expect(
            "A file without token events",
            try await Program.run("videowire", ["decode", text, "-o", scratch.path("out")]))
        try DocumentedError.expect(
            "A camera where only files are read",
            try await Program.run("videowire", ["motion", "rtsp://127.0.0.1:1/x"]))
    }
}
