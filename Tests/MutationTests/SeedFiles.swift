import Foundation
import MediaTesting

/// Whole and right inputs, which the worker damages; gone with the value.
final class SeedFiles: Sendable {
    let folder: String

    init(_ kind: String) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("videowire-seeds-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
        switch kind {
        case "media": try Self.encodings.forEach { try makeMedia($0, $1) }
        case "settings": try makeSettings()
        case "decode": try makeEvents()
        default: break
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Every codec and container that is read, as small as a clip of two seconds can be.
    private static let encodings = [
        ("h264.mp4", "-c:v libx264 -preset ultrafast -bf 0"),
        ("h264-b.mp4", "-c:v libx264 -preset medium -bf 3 -refs 3"),
        ("h264-fragments.mp4", "-c:v libx264 -preset ultrafast -movflags frag_keyframe+empty_moov"),
        ("h264-i.mov", "-c:v libx264 -preset ultrafast -flags +ildct+ilme -x264-params tff=1"),
        ("h264-sound.mp4", "-f lavfi -i sine=duration=2 -c:v libx264 -preset ultrafast -c:a aac -b:a 32k -shortest"),
        ("h264.mkv", "-c:v libx264 -preset ultrafast"), ("h264.ts", "-c:v libx264 -preset ultrafast -bf 2"),
        ("raw.h264", "-c:v libx264 -preset ultrafast"),
        ("raw.hevc", "-c:v libx265 -preset ultrafast -x265-params log-level=error"),
        ("hevc.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=error"),
        ("mpeg4.avi", "-c:v mpeg4 -bf 2"), ("mpeg4.mp4", "-c:v mpeg4 -mbd rd -flags +mv4+aic"),
        ("raw.m4v", "-c:v mpeg4"),
        ("mpeg2.ts", "-c:v mpeg2video -r 24 -bf 2"), ("mpeg2.mpg", "-c:v mpeg2video -r 24"),
        ("mpeg1.mpg", "-c:v mpeg1video -r 24"),
        ("vp8.webm", "-c:v libvpx -deadline realtime -cpu-used 8"),
        ("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"),
        ("av1.mkv", "-c:v libaom-av1 -usage realtime -cpu-used 8"),
        ("av1.mp4", "-c:v libaom-av1 -usage realtime -cpu-used 8"),
        ("mjpeg.avi", "-c:v mjpeg -q:v 20"), ("mjpeg.mkv", "-c:v mjpeg -q:v 20"),
    ]

    private func makeMedia(_ name: String, _ encoding: String) throws {
        let source = ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=12:duration=2"]
        let options = encoding.split(separator: " ").map { String($0) }
        let same = [
            "-pix_fmt", name.contains("mjpeg") ? "yuvj420p" : "yuv420p", "-g", "8", "-threads", "1", "-bitexact",
        ]
        try FFmpeg.run("ffmpeg", source + options + same + ["\(folder)/media-\(name)"])
    }

    /// Event lines of a real run.
    private func makeEvents() throws {
        try makeMedia("h264.mp4", "-c:v libx264 -preset ultrafast")
        let binaries = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let process = Process()
        process.executableURL = binaries.appendingPathComponent("videowire")
        process.arguments = ["run", "\(folder)/media-h264.mp4", "--json"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let events = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try events.write(to: URL(fileURLWithPath: "\(folder)/events-h264.ndjson"))
    }

    /// The shipped configuration, the same with its example taken in, and one with every key.
    private func makeSettings() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shipped = try String(contentsOf: root.appendingPathComponent("systemd/videowired.yaml"), encoding: .utf8)
        let full = """
            socket:
              path: /tmp/s
              group: video
              allowed_users: [0, 1000]
              allowed_groups: [44]
              heartbeat_seconds: 5
            log:
              path: /tmp/l
              keep_days: 3
              keep_megabytes: 100
            log_level: debug
            pipelines: /tmp
            streams:
              front-door:
                source: rtsp://user:p%40ss@192.0.2.10:554/stream2
                transport: udp
                motion: codec
                captions: false
                stall_seconds: 7
              yard: {source: "yard.mp4", motion: reencode}

            """
        for (name, text) in [
            ("shipped", shipped), ("example", shipped.replacingOccurrences(of: "\n  # ", with: "\n  ")), ("full", full),
        ] {
            try text.write(toFile: "\(folder)/settings-\(name).yaml", atomically: false, encoding: .utf8)
        }
    }
}
