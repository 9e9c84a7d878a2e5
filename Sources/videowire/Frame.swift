internal import ArgumentParser
internal import Service

struct Frame: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes out the key picture of a clip that a daemon has kept.",
        discussion: "Key pictures are kept where the configuration says keep_key_frames (docs/privacy.md).")

    @Argument(help: ArgumentHelp("The clip: stream, session and index.", valueName: "STREAM/SESSION/CLIP"))
    var clip: String

    @Option(name: .shortAndLong, help: ArgumentHelp("A JPEG file; - for standard output.", valueName: "path"))
    var output: String

    @Option(help: ArgumentHelp("The daemon's log.", valueName: "path"))
    var log = Settings.Log().path

    func run() async throws {
        try await perform { try FrameOutput.run(clip: clip, output: output, log: log) }
    }
}
