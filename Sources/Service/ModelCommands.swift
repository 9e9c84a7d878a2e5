internal import Checkpoints
internal import Foundation
internal import Models
internal import Tensors

/// The work of `videowire model`.
public enum ModelCommands {
    /// Prints what a checkpoint holds.
    /// - Throws: `CheckpointError`, `FileOutput.Failure`.
    public static func inspect(_ path: String, json: Bool) throws {
        let checkpoint = try Checkpoint(opening: path)
        try printLine(json ? try text(checkpoint.summary) : ModelReport(checkpoint).text)
    }

    /// Reads all of a checkpoint's tokenizers, and prints what was read, and the hash of the weights.
    /// - Throws: `CheckpointError` with everything that is wrong; `FileOutput.Failure`.
    public static func verify(_ path: String, json: Bool) throws {
        let start = ContinuousClock.now
        let progress = standardErrorIsTerminal() ? ProgressLine() : nil
        defer { progress?.clear() }
        let checkpoint = try Checkpoint(opening: path)
        let parameters = VideoLaVIT.parameters(of: checkpoint.configuration)
        // Twice over the bytes: once for their values, once for the hash.
        let total = 2 * checkpoint.byteCount
        let source = CheckpointSource(checkpoint) { read, _ in progress?.note(bytes: read, of: total) }
        for parameter in parameters {
            if parameter.isUsed {
                source.read(parameter.key, shape: parameter.shape) { _ in }
            } else {
                source.skip(parameter.key, shape: parameter.shape)
            }
        }
        try source.finish()
        let hash = checkpoint.weightHash { read, _ in progress?.note(bytes: total / 2 + read, of: total) }
        progress?.clear()
        let report = Verification(
            path: path, tensors: parameters.count, bytes: checkpoint.byteCount, sha256: hash,
            seconds: (ContinuousClock.now - start) / .seconds(1))
        try printLine(json ? try text(report) : report.text)
    }

    /// Writes a checkpoint of made-up weights.
    /// - Throws: `CheckpointError`.
    public static func synthesize(_ synthesis: Synthesis, to folder: String) throws {
        let progress = standardErrorIsTerminal() ? ProgressLine() : nil
        defer { progress?.clear() }
        try synthesis.checkpoint.write(to: folder) { written, total in progress?.note(bytes: written, of: total) }
    }

    private struct Verification: Encodable {
        var path: String
        var tensors: Int
        var bytes: Int
        var sha256: String
        var seconds: Double

        var text: String {
            "\(path) is whole: \(tensors) tensors, \(bytes / 1_000_000) MB, all finite, read in "
                + "\(String(format: "%.1f", seconds)) s\nsha256 \(sha256)"
        }
    }

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func printLine(_ text: String) throws {
        var output = FileOutput()
        try output.write((text + "\n").utf8)
        try output.flush()
    }
}
