internal import Foundation
public import Media

/// An encoder as cameras and files have it, run by the `ffmpeg` command.
public struct EncoderSetting: Sendable, CustomStringConvertible {
    public var name: String
    public var codec: VideoCodec
    public var arguments: [String]

    public var description: String { name }

    public static let singleReference = Self(
        name: "x264 bf 0, 1 ref", codec: .h264,
        arguments: ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-refs", "1"])
    public static let bFrames = Self(
        name: "x264 bf 3", codec: .h264, arguments: ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3"])
    public static let medium = Self(
        name: "x264 medium", codec: .h264, arguments: ["-c:v", "libx264", "-preset", "medium"])
    public static let mpeg4 = Self(
        name: "MPEG-4 8 Mbit/s", codec: .mpeg4, arguments: ["-c:v", "mpeg4", "-b:v", "8M"])
    public static let threeReferences = Self(
        name: "x264 bf 0, 3 refs", codec: .h264,
        arguments: ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-refs", "3"])

    /// Encodes rendered scenes; each is `picturesPerScene` long and starts with a key picture. One encoder thread: more of them
    /// change the bits from run to run.
    public func encode(luma: [UInt8], picturesPerScene: Int = 50) throws -> CodedVideo {
        try FFmpeg.withTemporaryDirectory { directory in
            let raw = directory.appendingPathComponent("scene.grey")
            let file = directory.appendingPathComponent("scene.mp4")
            try Data(luma).write(to: raw)
            try FFmpeg.run(
                "ffmpeg",
                [
                    "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", "\(Scene.width)x\(Scene.height)", "-r",
                    "\(Scene.framesPerSecond)", "-i", raw.path, "-pix_fmt", "yuv420p", "-threads", "1",
                    "-force_key_frames", "expr:not(mod(n,\(picturesPerScene)))",
                ] + arguments + [file.path])
            return try CodedVideo(file: file, codec: codec)
        }
    }
}
