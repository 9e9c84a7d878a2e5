internal import ArgumentParser
internal import Service

struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the events of a running daemon.",
        discussion: "Ends when the daemon does; with --resume it connects again and goes on where it was.")

    @Option(help: ArgumentHelp("The daemon's socket.", valueName: "path"))
    var socket = Settings.Socket().path

    @Option(help: ArgumentHelp("Streams by name, * and ? allowed. May be repeated.", valueName: "glob"))
    var stream: [String] = []

    @Option(help: ArgumentHelp("Events by name, e.g. clip.* or caption.final. May be repeated.", valueName: "glob"))
    var type: [String] = []

    @Option(help: ArgumentHelp("live, an RFC 3339 time, or EPOCH/SEQUENCE of the last event seen.", valueName: "point"))
    var from = "live"

    @Flag(help: "Connect again when the daemon goes away.")
    var resume = false

    @Flag(help: "One JSON event a line, also on a terminal.")
    var json = false

    func run() async throws {
        try await perform {
            try await Watcher.run(
                Watcher.Request(
                    socket: socket, streams: stream, types: type, from: from, resumes: resume,
                    json: json || !standardOutputIsTerminal()))
        }
    }
}
