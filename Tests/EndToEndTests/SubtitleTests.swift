import Foundation
import Testing

/// Subtitles as the commands write them, read by FFmpeg.
@Suite struct SubtitleTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Begin and length of each cue, in seconds.
    private func cues(_ path: String) async throws -> [[Double]] {
        let more = path.hasSuffix(".m3u8") ? ["-allowed_extensions", "ALL"] : []
        let result = try await Program.run(
            "ffprobe",
            ["-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0"] + more + [path])
        #expect(result.status == 0, "\(path): \(result.errors)")
        // Of a packet with side data a line is empty.
        return result.lines.filter { !$0.isEmpty }.map { line in
            line.split(separator: ",").compactMap { Double($0) }
        }
    }

    private func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }

    private func expectReadable(_ cues: [[Double]]) {
        #expect(cues.allSatisfy { $0.count == 2 && $0[1] >= 1 && $0[1] <= 7 }, "\(cues)")
        for (a, b) in zip(cues, cues.dropFirst()) where a.count == 2 { #expect(b[0] > a[0] + a[1], "\(cues)") }
    }

    @Test func captionsOfAFileStandWhereTheirEventsBegin() async throws {
        let clip = try await scratch.makeClip("moving.mp4", seconds: 12, Scratch.x264)
        let events = try await Program.run("videowire", ["run", clip, "--json"])
        let captions = EventLine.all(events.lines, named: "caption.final")
        #expect(!captions.isEmpty)
        let result = try await Program.run("videowire", ["caption", clip, "-o", scratch.path("x.vtt")])
        #expect(result.status == 0 && result.lines.isEmpty && result.errors.isEmpty, "\(result.errors)")
        let written = try await cues(scratch.path("x.vtt"))
        expectReadable(written)
        #expect(written.count >= captions.count)
        let first = try #require(captions.first?.data["pts_start_ns"] as? Int)
        #expect(abs((written.first?.first ?? -1) - Double(first) / 1e9) < 0.002)
        let words = try #require(captions.first?.data["text"] as? String).split(separator: " ")
        for word in words where !word.contains("&") { #expect(text(scratch.path("x.vtt")).contains(word)) }

        // The ending chooses the format; standard output has WebVTT, or what is asked for.
        _ = try await Program.run("videowire", ["caption", clip, "-o", scratch.path("x.SRT")])
        #expect(try await cues(scratch.path("x.SRT")) == written)
        let plain = try await Program.run("videowire", ["caption", clip])
        #expect(plain.lines == text(scratch.path("x.vtt")).components(separatedBy: "\n").dropLast())
        let subRip = try await Program.run("videowire", ["caption", clip, "-o", "-", "--format", "srt"])
        #expect(subRip.lines == text(scratch.path("x.SRT")).components(separatedBy: "\n").dropLast())

        let folder = scratch.path("a/b")
        let hls = try await Program.run(
            "videowire", ["caption", clip, "--hls", folder, "--segment", "2", "--video", "../cam.m3u8"])
        #expect(hls.status == 0 && hls.errors.isEmpty, "\(hls.errors)")
        #expect(try await cues(folder + "/captions.m3u8") == written)
        #expect(text(folder + "/captions.m3u8").hasSuffix("#EXT-X-ENDLIST\n"))
        #expect(text(folder + "/captions.master.m3u8").hasSuffix("\n../cam.m3u8\n"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { !$0.hasSuffix(".part") })
    }

    /// Whoever reads the file while it grows finds whole cues.
    @Test func subtitlesOfACameraGrow() async throws {
        let clip = try await scratch.makeClip("camera.mp4", seconds: 8, Scratch.x264)
        let camera = try Program("videowire", ["testcam", clip, "--port", "0"])
        defer { camera.signal(SIGKILL) }
        #expect(await camera.wait { !$0.isEmpty })
        let url = try #require(camera.lines.first)
        let file = scratch.path("live.vtt")
        let program = try Program("videowire", ["caption", url, "-o", file])
        defer { program.signal(SIGKILL) }
        var count = 0
        let end = ContinuousClock.now + .seconds(40)
        while count < 2, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(100))
            let written = text(file)
            guard !written.isEmpty else { continue }
            #expect(written.hasPrefix("WEBVTT\n\n") && written.hasSuffix("\n\n"))
            let now = written.components(separatedBy: " --> ").count - 1
            if now > count {
                count = now
                expectReadable(try await cues(file))
            }
        }
        #expect(count >= 2, "\(program.errors)")
        #expect(text(file).contains("NOTE 00:00:00.000 is 20"))
        program.signal(SIGTERM)
        let result = await program.finish()
        #expect(result.status == 0 && !result.wasKilled, "\(result.errors)")
        expectReadable(try await cues(file))
    }

    /// A playlist of a daemon's stream slides, and a second run goes on with its numbers.
    @Test func segmentsOfADaemonsStreamGoOn() async throws {
        let clip = try await scratch.makeClip("camera.mp4", seconds: 8, Scratch.x264)
        let camera = try Program("videowire", ["testcam", clip, "--port", "0"])
        defer { camera.signal(SIGKILL) }
        #expect(await camera.wait { !$0.isEmpty })
        let daemon = try TestDaemon(scratch, streams: ["cam": try #require(camera.lines.first)])
        defer { daemon.program.signal(SIGKILL) }
        try await daemon.untilServing()
        let folder = scratch.path("hls")
        let arguments = ["subtitles", "--socket", daemon.socket, "--hls", folder, "--segment", "1", "--window", "20"]
        var program = try Program("videowire", arguments)
        defer { program.signal(SIGKILL) }
        func sequence() -> Int {
            let lines = text(folder + "/captions.m3u8").split(separator: "\n")
            let tag = "#EXT-X-MEDIA-SEQUENCE:"
            return lines.first { $0.hasPrefix(tag) }.flatMap { Int($0.dropFirst(tag.count)) } ?? 0
        }
        func segments() -> [String] {
            text(folder + "/captions.m3u8").split(separator: "\n").filter { !$0.hasPrefix("#") }.map { String($0) }
        }
        func wait(_ condition: () -> Bool) async throws -> Bool {
            let end = ContinuousClock.now + .seconds(40)
            while !condition(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(50)) }
            return condition()
        }
        #expect(
            try await wait { segments().contains { text(folder + "/\($0)").contains(" --> ") } }, "\(program.errors)")
        // FFmpeg would wait for more of a playlist that goes on.
        let snapshot = scratch.path("hls/snapshot.m3u8")
        try Data((text(folder + "/captions.m3u8") + "#EXT-X-ENDLIST\n").utf8).write(to: URL(filePath: snapshot))
        #expect(!(try await cues(snapshot)).isEmpty)
        let first = sequence()
        #expect(abs(first - Int(Date().timeIntervalSince1970)) < 100)
        #expect(segments().first == "captions-\(first).vtt")

        program.signal(SIGKILL)
        _ = await program.finish()
        let last = first + segments().count - 1
        program = try Program("videowire", arguments + ["--stream", "cam"])
        #expect(try await wait { sequence() > last }, "\(program.errors)")
        program.signal(SIGTERM)
        let result = await program.finish()
        #expect(result.status == 0 && !result.wasKilled, "\(result.errors)")

        // A daemon that has gone is waited for.
        try DocumentedError.expect(
            "A stream that the daemon does not have",
            try await Program.run("videowire", ["subtitles", "--socket", daemon.socket, "--stream", "yard"]))
    }

    /// The line for FFmpeg in docs/subtitles.md gives the video the time stamps that segments of captions speak of.
    @Test func aCamerasSegmentsCountAsFFmpegDoes() async throws {
        let clip = try await scratch.makeClip("camera.mp4", seconds: 8, Scratch.x264)
        let camera = try Program("videowire", ["testcam", clip, "--port", "0"])
        defer { camera.signal(SIGKILL) }
        #expect(await camera.wait { !$0.isEmpty })
        let url = try #require(camera.lines.first)
        let folder = scratch.path("hls")
        let captions = try Program("videowire", ["caption", url, "--hls", folder, "--segment", "1"])
        defer { captions.signal(SIGKILL) }
        let video = scratch.path("hls/cam.ts")
        func number(_ file: String, behind words: String) -> Int? {
            text(folder + "/\(file)").split(whereSeparator: \.isNewline).compactMap { line in
                line.range(of: words).flatMap { Int(line[$0.upperBound...]) }
            }.first
        }
        let end = ContinuousClock.now + .seconds(20)
        while number("captions.m3u8", behind: "#EXT-X-MEDIA-SEQUENCE:") == nil, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
        // Segments of a second are numbered by UTC; time zero is where the first one begins.
        let first = try #require(number("captions.m3u8", behind: "#EXT-X-MEDIA-SEQUENCE:"))
        let zero = try #require(number("captions-\(first).vtt", behind: "LOCAL:00:00:00.000,MPEGTS:"))
        let encoder = try await Program.run(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-use_wallclock_as_timestamps", "1", "-rtsp_transport", "tcp", "-i", url,
                "-c", "copy", "-copyts", "-frames:v", "25", "-f", "mpegts", video,
            ])
        let now = Date().timeIntervalSince1970
        #expect(encoder.status == 0, "\(encoder.errors)")
        let probe = try await Program.run(
            "ffprobe",
            ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts", "-of", "default=nk=1:nw=1", video])
        let pictures = probe.lines.compactMap { Int($0) }
        let last = try #require(pictures.max())
        let told = Double((last - zero + 1 << 33) % (1 << 33)) / 90_000
        #expect(abs(told - (now - Double(first))) < 1, "\(told) s, but \(now - Double(first)) s have passed")
    }

    @Test func whatCannotBeWrittenIsToldAtOnce() async throws {
        let clip = try await scratch.makeClip("short.mp4", seconds: 2, Scratch.x264)
        try DocumentedError.expect(
            "An ending that is no subtitle format",
            try await Program.run("videowire", ["caption", clip, "-o", scratch.path("x.txt")]))
        try DocumentedError.expect(
            "A subtitle file that cannot be made",
            try await Program.run("videowire", ["caption", clip, "-o", scratch.path("none/x.vtt")]))
        // A wrong source leaves earlier subtitles as they are.
        let earlier = try scratch.write("earlier.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nEarlier.\n")
        let kept = text(earlier)
        for source in [scratch.path("none.mp4"), try scratch.write("words.mp4", "no video")] {
            let result = try await Program.run("videowire", ["caption", source, "-o", earlier])
            #expect(result.status != 0 && text(earlier) == kept)
        }
        let again = try await Program.run("videowire", ["caption", clip, "-o", earlier])
        #expect(again.status == 0 && text(earlier).hasPrefix("WEBVTT\n") && !text(earlier).contains("Earlier."))
        let file = try scratch.write("file", "")
        try DocumentedError.expect(
            "A folder of segments that cannot be made",
            try await Program.run("videowire", ["caption", clip, "--hls", file + "/hls"]))
        try DocumentedError.expect(
            "Options of segments without a folder for them",
            try await Program.run("videowire", ["caption", clip, "--window", "5"]))
        try DocumentedError.expect(
            "An option of live subtitles for a file",
            try await Program.run("videowire", ["caption", clip, "--delay", "5"]))
        let full = try await Program.run("videowire", ["caption", clip, "-o", "/dev/full", "--format", "vtt"])
        try DocumentedError.expect("The disk of the subtitles is full", full)
    }
}
