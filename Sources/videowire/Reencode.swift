internal import ArgumentParser
internal import Service

struct Reencode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the stream that motion: reencode takes its vectors from.",
        discussion: """
            An MPEG-4 Part 2 elementary stream: six pictures a second, 8 Mbit/s, an I-picture every 12, no B-pictures; \
            byte for byte what ffmpeg 5.1 makes with -vf fps=6 -c:v mpeg4 -b:v 8M -threads 1.
            """)

    @Argument(help: "A video file.")
    var file: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write; standard output by default.", valueName: "path"))
    var output: String?

    @OptionGroup var options: SourceOptions

    func run() async throws {
        try await perform {
            try await StreamReencoding.run(file: file, output: output, pipelines: options.pipelines)
        }
    }
}
