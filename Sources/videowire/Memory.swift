internal import ArgumentParser
internal import Service

struct Memory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what a stream of a daemon remembers.",
        discussion: """
            A line a slot, the oldest first: from when to when, how many clips it stands for, and which. The daemon may be \
            running. Reads the memory beside the log.
            """)

    @Argument(help: "The stream's name in the daemon's configuration.")
    var stream: String

    @Option(help: ArgumentHelp("The daemon's event log.", valueName: "path"))
    var log = Settings.Log().path

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A contact sheet instead of lines: a PNG file with a picture a slot.", valueName: "path"))
    var output: String?

    @Flag(help: "One JSON object a line, also on a terminal.")
    var json = false

    func run() async throws {
        try await perform {
            try await MemoryReport.run(
                MemoryReport.Request(
                    stream: stream, log: log, output: output, json: json || !standardOutputIsTerminal(),
                    lists: output == nil || json))
        }
    }
}
