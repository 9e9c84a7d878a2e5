import Foundation
import MediaTesting
import Testing

@Suite struct ReencodeTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Compares with what the ffmpeg command makes of the file.
    private func compare(_ file: String, to expected: String? = nil, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let (ours, theirs) = (scratch.path("ours.m4v"), expected ?? scratch.path("theirs.m4v"))
        let result = try await Program.run("videowire", ["reencode", file, "-o", ours])
        #expect(result.status == 0, "\(result.errors)", sourceLocation: sourceLocation)
        if expected == nil {
            let reference = try await Program.run(
                "ffmpeg",
                [
                    "-v", "error", "-nostdin", "-y", "-i", file, "-vf", "fps=6", "-c:v", "mpeg4", "-b:v", "8M",
                    "-threads",
                    "1", "-f", "m4v", theirs,
                ])
            #expect(reference.status == 0, "\(reference.errors)", sourceLocation: sourceLocation)
        }
        let (a, b) = (try Data(contentsOf: URL(filePath: ours)), try Data(contentsOf: URL(filePath: theirs)))
        #expect(!a.isEmpty && a == b, "\(a.count) and \(b.count) bytes", sourceLocation: sourceLocation)
    }

    @Test(.enabled(if: SharedFolder.has("media", "fixtures/video-lavit-tiny"), "needs the folder of reference outputs"))
    func aRealClipGivesTheReferenceStream() async throws {
        try await compare(
            SharedFolder.path("media/car-detection.mp4"),
            to: SharedFolder.path("fixtures/video-lavit-tiny/car-detection.6fps.m4v"))
    }

    @Test(arguments: ["24", "25", "30", "30000/1001", "60", "12.5", "5", "24000/1001"])
    func everyRateGivesTheBytesOfFfmpeg(rate: String) async throws {
        try await compare(
            try await scratch.makeClip("rate.mp4", seconds: 5, rate: rate, size: "160x96", Scratch.x264WithB))
    }

    @Test(arguments: Format.all)
    func everyCodecGivesTheBytesOfFfmpeg(format: Format) async throws {
        try await compare(try await scratch.makeClip(format.file, seconds: 3, size: "162x98", format.arguments))
    }

    @Test(arguments: ["0.1", "0.5"])
    func timeCountsFromTheStartOfTheSound(delay: String) async throws {
        let file = scratch.path("late.mkv")
        let made = try await Program.run(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-f", "lavfi", "-itsoffset", delay, "-i", "testsrc2=s=160x96:r=25", "-f",
                "lavfi", "-i", "sine", "-t", "4", "-map", "0", "-map", "1", "-c:v", "libx264", "-bf", "0", "-pix_fmt",
                "yuv420p", "-c:a", "aac", file,
            ])
        #expect(made.status == 0, "\(made.errors)")
        try await compare(file)
    }

    @Test func timeCountsFromTheFirstPictureWhereThereIsNoSound() async throws {
        // Transport streams do not begin at zero.
        try await compare(
            try await scratch.makeClip("late.ts", seconds: 4, size: "160x96", ["-c:v", "mpeg2video", "-b:v", "1M"]))
    }

    @Test func picturesThatTheEncoderCannotTakeAreNamed() async throws {
        let clip = try await scratch.makeClip("big.mkv", seconds: 1, size: "8448x64", ["-c:v", "mjpeg"])
        for command in ["tokens", "reencode"] {
            let result = try await Program.run("videowire", [command, clip])
            #expect(result.status == 65)
            #expect(result.errors.contains("8448 × 64 pixels"))
        }
    }

    @Test(arguments: Format.all)
    func codecsWithoutVectorsGiveTokens(format: Format) async throws {
        let clip = try await scratch.makeClip(format.file, seconds: 9, format.arguments)
        let result = try await Program.run("videowire", ["run", clip])
        #expect(result.status == 0, "\(result.errors)")
        let tokens = EventLine.all(result.lines, named: "clip.tokens")
        #expect(tokens.map { $0.value("clip", "complete") as? Bool } == [true, true, false])
        #expect(tokens.map { $0.value("clip", "frames") as? Int } == [100, 100, 25])
        #expect(tokens.map { $0.value("clip", "pts_start_ns") as? Int } == [0, 4_000_000_000, 8_000_000_000])
        #expect(tokens.allSatisfy { $0.value("motion", "source") as? String == "reencode" })
        #expect(tokens.prefix(2).allSatisfy { ($0.value("motion", "coverage") as? Double ?? 0) > 0.5 })
        #expect(tokens.prefix(2).allSatisfy { $0.value("motion", "fps") as? Double == 6 })
        let live = try #require(EventLine.all(result.lines, named: "stream.state").first { $0.value("motion") != nil })
        #expect(live.value("motion", "source") as? String == "reencode")
        #expect((live.value("motion", "reason") as? String)?.contains(format.codec) == true)
    }

    @Test func theWayCanBeAskedFor() async throws {
        let clip = try await scratch.makeClip("a.mp4", seconds: 5, Scratch.x264WithB)
        let asked = try await Program.run("videowire", ["tokens", clip, "--motion", "reencode"])
        let first = try #require(EventLine.all(asked.lines, named: "clip.tokens").first)
        #expect(first.value("motion", "source") as? String == "reencode")
        #expect(first.value("motion", "ref_ambiguous") as? Bool == false)
        let hevc = try await scratch.makeClip("a.mkv", seconds: 2, Format.all[0].arguments)
        let refused = try await Program.run("videowire", ["tokens", hevc, "--motion", "codec"])
        #expect(refused.status == 65)
        #expect(refused.errors.contains("h265") && refused.errors.contains("motion: auto"))
    }

    @Test func anHEVCCameraGivesTokens() async throws {
        let clip = try await scratch.makeClip("camera.mp4", seconds: 10, Format.all[0].arguments)
        let camera = try Program("videowire", ["testcam", clip, "--port", "0", "--speed", "3"])
        defer { camera.signal(SIGKILL) }
        #expect(await camera.wait { !$0.isEmpty })
        let tap = try Program("videowire", ["tokens", try #require(camera.lines.first)])
        defer { tap.signal(SIGKILL) }
        #expect(await tap.wait { EventLine.all($0, named: "clip.tokens").count >= 2 })
        for tokens in EventLine.all(tap.lines, named: "clip.tokens").prefix(2) {
            #expect(tokens.value("motion", "source") as? String == "reencode")
            #expect(tokens.value("clip", "complete") as? Bool == true)
            #expect(tokens.value("clip", "utc_start") != nil)
        }
    }

    struct Format: Sendable, CustomStringConvertible {
        var codec: String
        var file: String
        var arguments: [String]
        var description: String { codec }

        static let all = [
            Self(
                codec: "h265", file: "h265.mp4",
                arguments: ["-c:v", "libx265", "-preset", "ultrafast", "-g", "50", "-x265-params", "log-level=error"]),
            Self(
                codec: "vp9", file: "vp9.webm",
                arguments: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]),
            Self(codec: "vp8", file: "vp8.webm", arguments: ["-c:v", "libvpx", "-deadline", "realtime"]),
            Self(codec: "av1", file: "av1.mkv", arguments: ["-c:v", "libsvtav1", "-preset", "12"]),
            Self(
                codec: "h265", file: "h265.mkv",
                arguments: [
                    "-pix_fmt", "yuv422p10le", "-c:v", "libx265", "-preset", "ultrafast", "-color_range", "pc",
                    "-x265-params", "log-level=error",
                ]),
            Self(codec: "mjpeg", file: "mjpeg.mkv", arguments: ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"]),
        ]
    }
}
