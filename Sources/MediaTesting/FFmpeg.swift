public import Foundation

/// The `ffmpeg` and `ffprobe` commands: encoders and an independent view of files, for tests and measurements.
public enum FFmpeg {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Whether the commands are installed.
    public static let isInstalled = path(of: "ffmpeg") != nil && path(of: "ffprobe") != nil

    /// Runs a command to its end; the result is its standard output.
    @discardableResult
    public static func run(_ command: String, _ arguments: [String]) throws -> Data {
        guard let path = path(of: command) else { throw Failure(description: "\(command) is not installed") }
        let process = Process()
        let output = Pipe(), errors = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        // With `-v error` there is too little of it to fill the pipe.
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "\(command) failed with status \(process.terminationStatus): \(words)\(arguments)")
        }
        return data
    }

    /// Makes a directory, hands it to `body` and removes it.
    public static func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("videowire-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try body(directory)
    }

    private static func path(of command: String) -> String? {
        let directories = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? ["/usr/bin"]
        return directories.map { "\($0)/\(command)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
