import Foundation
import Testing

/// A folder that goes away with its owner.
final class Scratch: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "videowire-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: url.appending(path: name))
        return path(name)
    }

    /// Encodes ffmpeg's moving test picture; the arguments choose the codec.
    func makeClip(
        _ name: String, seconds: Int, rate: String = "25", size: String = "320x180", _ codec: [String]
    ) async throws -> String {
        let result = try await Program.run(
            "ffmpeg",
            [
                "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
                "testsrc2=s=\(size):r=\(rate)",
            ]
                + ["-t", "\(seconds)", "-pix_fmt", "yuv420p"] + codec + [path(name)])
        #expect(result.status == 0, "ffmpeg: \(result.errors)")
        return path(name)
    }

    static let x264 = ["-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-bf", "0"]
    static let x264WithB = ["-c:v", "libx264", "-preset", "medium", "-g", "48", "-bf", "3"]
}
