import Foundation
import MediaTesting
import Testing

/// What FFmpeg's parsers, which are not videowire's, make of a subtitle file.
struct SubtitleReader {
    struct Cue: Equatable {
        /// Milliseconds.
        var start: Int
        var end: Int
        var text: String
    }

    private struct Report: Decodable {
        struct Packet: Decodable {
            var pts_time: String?
            var duration_time: String?
        }
        var packets: [Packet]
    }

    static func cues(_ text: String, _ name: String) throws -> [Cue] {
        try FFmpeg.withTemporaryDirectory { folder in
            let file = folder.appendingPathComponent(name)
            try Data(text.utf8).write(to: file)
            return try cues(file)
        }
    }

    /// - Parameter file: a subtitle file, or a playlist of such.
    static func cues(_ file: URL) throws -> [Cue] {
        let input = (file.pathExtension == "m3u8" ? ["-allowed_extensions", "ALL"] : []) + ["-i", file.path]
        let json = try FFmpeg.run(
            "ffprobe", ["-v", "error", "-show_packets", "-select_streams", "s", "-of", "json"] + input)
        let packets = try JSONDecoder().decode(Report.self, from: json).packets
        // Without a single cue there is nothing to convert.
        guard !packets.isEmpty else { return [] }
        let ass = try FFmpeg.run("ffmpeg", ["-v", "error", "-nostdin"] + input + ["-f", "ass", "-"])
        let texts = String(decoding: ass, as: UTF8.self).split(whereSeparator: \.isNewline)
            .filter { $0.hasPrefix("Dialogue:") }
            .compactMap { $0.split(separator: ",", maxSplits: 9, omittingEmptySubsequences: false).last }
            .map { $0.replacingOccurrences(of: "\\N", with: "\n") }
        try #require(texts.count == packets.count)
        return zip(packets, texts).map { packet, text in
            let start = milliseconds(packet.pts_time), length = milliseconds(packet.duration_time)
            return Cue(start: start, end: start + length, text: text)
        }
    }

    private static func milliseconds(_ seconds: String?) -> Int {
        seconds.flatMap { Double($0) }.map { Int(($0 * 1_000).rounded()) } ?? .min
    }
}
