internal import ArgumentParser
internal import Service

struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Erases what a daemon has kept of a stream in a span of time.",
        discussion: """
            Tokens, captions, answers, key pictures and what the stream remembers go; consumers that come to them later get a \
            log.lost instead. The daemon may go on meanwhile. docs/privacy.md says what is not erased.
            """)

    @Option(help: ArgumentHelp("The stream's name.", valueName: "name"))
    var stream: String

    @Option(help: ArgumentHelp("How long ago, e.g. 2h, or an RFC 3339 time.", valueName: "point"))
    var from: String

    @Option(help: ArgumentHelp("The same, or now.", valueName: "point"))
    var to: String

    @Flag(help: "Only say what would be erased.")
    var dryRun = false

    @Option(help: ArgumentHelp("The daemon's log.", valueName: "path"))
    var log = Settings.Log().path

    func run() async throws {
        try await perform {
            try await Forgetter.run(
                Forgetter.Request(stream: stream, from: from, to: to, isDry: dryRun, log: log))
        }
    }
}
