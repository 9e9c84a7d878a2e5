import Foundation
import Media
import MediaTesting
import Subtitles
import Testing

/// pipelines/burn-in.gst, run by gst-launch-1.0.
@Suite(.enabled(if: FFmpeg.isInstalled, "needs ffmpeg"))
struct BurnInTests {
    private static let size = (width: 320, height: 180)

    /// The brightness of a film's pixels at a time.
    private func picture(_ film: URL, at seconds: Double) throws -> [UInt8] {
        let data = try FFmpeg.run(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-ss", "\(seconds)", "-i", film.path, "-frames:v", "1", "-f", "rawvideo",
                "-pix_fmt",
                "gray", "-",
            ])
        try #require(data.count == Self.size.width * Self.size.height)
        return [UInt8](data)
    }

    /// The words of the pipeline with its inputs filled in.
    private func pipeline(_ inputs: [String: String]) throws -> [String] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../pipelines/burn-in.gst").standardized
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return lines.joined(separator: " ").split(separator: " ").map { word in
            inputs.reduce(String(word)) { $0.replacingOccurrences(of: "${\($1.key)}", with: $1.value) }
        }
    }

    @Test(arguments: SubtitleFormat.allCases)
    func cuesAreInThePictureWhileTheyLast(format: SubtitleFormat) throws {
        try FFmpeg.withTemporaryDirectory { folder in
            let film = folder.appendingPathComponent("in.mkv")
            let grey = "color=c=gray:s=\(Self.size.width)x\(Self.size.height):r=10:d=6"
            try FFmpeg.run(
                "ffmpeg",
                ["-v", "error", "-nostdin", "-f", "lavfi", "-i", grey, "-c:v", "mjpeg", "-q:v", "2", film.path])
            let cue = Cue(
                number: 1, start: MediaTime(milliseconds: 2_000), end: MediaTime(milliseconds: 4_000),
                lines: ["A region enters", "from the <left> & stops."])
            let subtitles = folder.appendingPathComponent("in.\(format.rawValue)")
            try Data((format.header(notes: ["a note"]) + format.block(cue)).utf8).write(to: subtitles)
            let output = folder.appendingPathComponent("out.mp4")
            let inputs = ["video": film.path, "subtitles": subtitles.path, "output": output.path]
            try FFmpeg.run("gst-launch-1.0", ["-q"] + pipeline(inputs))

            for seconds in [1.0, 1.8, 4.2, 5] {
                #expect(try picture(output, at: seconds).allSatisfy { abs(Int($0) - 128) < 8 }, "at \(seconds) s")
            }
            for seconds in [2.2, 3, 3.8] {
                let pixels = try picture(output, at: seconds)
                let upper = pixels.prefix(pixels.count / 2), lower = pixels.suffix(pixels.count / 2)
                #expect(upper.allSatisfy { abs(Int($0) - 128) < 8 }, "at \(seconds) s")
                #expect(
                    lower.filter { $0 > 200 }.count > 200 && lower.filter { $0 < 60 }.count > 1_000, "at \(seconds) s")
            }
        }
    }
}
