internal import ArgumentParser
internal import Service

struct Decode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turns token events back into pictures, or into a video.",
        discussion: """
            In a folder every clip becomes two PNG files, its thumbnail and its motion, and index.html shows all. A name \
            that ends in .mp4 gives a video of the thumbnails moved along their motion, six pictures a second.
            """)

    @Argument(help: "A file of events as run --json and watch --json write them; - for standard input.")
    var events: String

    @Option(name: .shortAndLong, help: ArgumentHelp("A folder, or a name that ends in .mp4.", valueName: "path"))
    var output: String

    @Option(help: ArgumentHelp("Only the clips of this stream.", valueName: "name"))
    var stream: String?

    @Option(
        help: ArgumentHelp(
            "The folder of the Video-LaVIT checkpoint that made the tokens; of its clips only the motion is shown.",
            valueName: "dir"))
    var tokenizer: String?

    func run() async throws {
        try await perform {
            try await TokenPictures.run(
                TokenPictures.Request(
                    events: events, output: output, stream: stream,
                    tokenizer: tokenizer.map { TokenizerSettings(path: $0) }))
        }
    }
}
