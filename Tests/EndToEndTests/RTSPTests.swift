import Foundation
import MediaTesting
import Testing

/// A file and the same file over RTSP give the same tokens.
@Suite struct RTSPTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Index, completeness and ids of each clip.
    private func clips(_ lines: [String]) -> [[String]] {
        EventLine.all(lines, named: "clip.tokens").filter { $0.value("session") as? Int == 1 }.map { event in
            [
                "\(event.value("clip", "index") ?? "")",
                event.value("clip", "complete") as? Bool == true ? "complete" : "cut",
                "\(event.value("key", "ids") ?? "")", "\(event.value("motion", "ids") ?? "")",
            ]
        }
    }

    private func compare(_ file: String, speed: Int) async throws {
        let direct = clips(try await Program.run("videowire", ["tokens", file]).lines).filter { $0[1] == "complete" }
        #expect(direct.count >= 15)
        let camera = try Program("videowire", ["testcam", file, "--from-start", "--port", "0", "--speed", "\(speed)"])
        defer { camera.signal(SIGKILL) }
        #expect(await camera.wait { !$0.isEmpty })
        let tap = try Program("videowire", ["tokens", try #require(camera.lines.first)])
        defer { tap.signal(SIGKILL) }
        // The file's end is a lost connection to a consumer of RTSP.
        #expect(
            await tap.wait {
                EventLine.all($0, named: "stream.state").contains { $0.value("state") as? String == "backoff" }
            })
        let tapped = clips(tap.lines).filter { $0[1] == "complete" }
        #expect(tapped.count == direct.count)
        for (a, b) in zip(direct, tapped) { #expect(a == b, "clip \(a[0])") }
    }

    @Test(arguments: [Scratch.x264, Scratch.x264WithB])
    func madeClips(codec: [String]) async throws {
        let file = try await scratch.makeClip("minute.mp4", seconds: 62, rate: "30000/1001", size: "320x180", codec)
        try await compare(file, speed: 12)
    }

    @Test(.enabled(if: SharedFolder.has("media"), "needs the folder of real clips"))
    func aRealClipWithBFrames() async throws {
        try await compare(SharedFolder.path("media/one-by-one-person-detection.mp4"), speed: 20)
    }

    @Test func captureTimesComeFromSenderReports() async throws {
        let tap = try Program("videowire", ["run"])
        defer { tap.signal(SIGKILL) }
        #expect(await tap.wait { $0.contains { EventLine($0)?.name == "clip.tokens" } })
        let clip = try #require(EventLine.all(tap.lines, named: "clip.tokens").first)
        #expect(clip.value("clip", "utc_source") as? String == "rtcp-sr")
        let start = try #require(clip.value("clip", "utc_start") as? String)
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let age = -(try #require(formatter.date(from: start)).timeIntervalSinceNow)
        #expect((3...12).contains(age))
    }
}
