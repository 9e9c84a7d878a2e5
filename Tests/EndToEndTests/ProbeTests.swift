import Foundation
import Testing

@Suite struct ProbeTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func probe(_ source: String, _ more: [String] = []) async throws -> [String: Any] {
        let result = try await Program.run("videowire", ["probe", source, "--json"] + more)
        #expect(result.status == 0, "\(result.errors)")
        return try #require(EventLine(result.lines.last ?? "")).object
    }

    @Test func aFileWithBFrames() async throws {
        let clip = try await scratch.makeClip("b.mp4", seconds: 6, rate: "24", Scratch.x264WithB)
        let report = try await probe(clip)
        #expect(report["codec"] as? String == "h264")
        #expect(report["width"] as? Int == 320)
        #expect(report["has_b_frames"] as? Bool == true)
        #expect(report["motion_way"] as? String == "codec")
        #expect(abs((report["frames_per_second"] as? Double ?? 0) - 24) < 0.01)
        let group = try #require(report["group_of_pictures"] as? [String: Any])
        #expect(group["longest_seconds"] as? Double == 2)
        #expect(group["pictures"] as? Int == 48)
        #expect(report["has_sender_reports"] as? Bool == false)
        #expect((report["pictures_with_vectors"] as? Int ?? 0) > 100)
    }

    @Test func aFileWithoutVectors() async throws {
        let clip = try await scratch.makeClip("m.mkv", seconds: 2, ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"])
        let report = try await probe(clip)
        #expect(report["motion_way"] as? String == "reencode")
        #expect((report["motion_reason"] as? String)?.contains("mjpeg") == true)
        #expect(report["pictures_with_vectors"] as? Int == 0)
    }

    @Test func aCameraWithSenderReports() async throws {
        let camera = try Program("videowire", ["testcam", "--port", "0"])
        defer { camera.signal(SIGKILL) }
        #expect(await camera.wait { !$0.isEmpty })
        let report = try await probe(try #require(camera.lines.first), ["--seconds", "6"])
        #expect(report["is_live"] as? Bool == true)
        #expect(report["has_sender_reports"] as? Bool == true)
        #expect(report["has_b_frames"] as? Bool == false)
    }
}
