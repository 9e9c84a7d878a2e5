internal import Foundation

/// Video files that a test makes with the ffmpeg command; gone with the value.
final class MadeVideo: Sendable {
    let path: String
    private let folder: URL

    /// `encoding`: options of ffmpeg; `name`: gives the container. Moving test picture, `seconds` long.
    init(_ name: String, rate: String = "25", seconds: Double = 2, size: String = "320x180", _ encoding: String) throws
    {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("videowire-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent(name).path
        let source = "testsrc2=size=\(size):rate=\(rate):duration=\(seconds)"
        try Self.ffmpeg(["-f", "lavfi", "-i", source] + encoding.split(separator: " ").map(String.init) + [path])
    }

    /// A file with just these bytes.
    init(_ name: String, bytes: [UInt8]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("videowire-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent(name).path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var directory: String { folder.path }

    /// Presentation times of the pictures in decoding order, in seconds, as ffprobe sees them.
    func times() throws -> [Double] {
        let options = "-v error -select_streams v:0 -show_entries packet=pts_time -of csv=p=0"
        let text = try Self.output(of: "ffprobe", options.split(separator: " ").map(String.init) + [path])
        return text.split(whereSeparator: { "\n,".contains($0) }).compactMap { Double($0) }
    }

    /// What ffmpeg complains about when it decodes everything strictly.
    func complaints() throws -> String {
        try Self.output(of: "ffmpeg", ["-v", "error", "-err_detect", "explode", "-i", path, "-f", "null", "-"])
    }

    private static func ffmpeg(_ arguments: [String]) throws {
        let text = try output(of: "ffmpeg", ["-v", "error", "-y"] + arguments)
        if !text.isEmpty { throw Failure(text: text) }
    }

    struct Failure: Error { let text: String }

    /// Standard output and error of a command.
    private static func output(of command: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [command] + arguments
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
