internal import ArgumentParser
internal import Service

struct Search: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Finds captions and answers in the log of a daemon.",
        discussion: "All words must be there, in any form of English; words in quotation marks stand together.")

    @Argument(help: "Words, e.g. \"white van\".")
    var text: String

    @Option(help: ArgumentHelp("How long ago at most, e.g. 2h, or an RFC 3339 time.", valueName: "point"))
    var since: String?

    @Option(help: ArgumentHelp("How long ago at least, or an RFC 3339 time.", valueName: "point"))
    var until: String?

    @Option(help: ArgumentHelp("Streams by name, * and ? allowed. May be repeated.", valueName: "glob"))
    var stream: [String] = []

    @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
    var limit = 20

    @Flag(help: "The best first; else the newest.")
    var best = false

    @Flag(help: "The events as they are, one a line.")
    var json = false

    @Option(help: ArgumentHelp("Make this folder with a page and the clips' thumbnails.", valueName: "dir"))
    var thumbnails: String?

    @Option(help: ArgumentHelp("The daemon's log.", valueName: "path"))
    var log = Settings.Log().path

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 100000") }
    }

    func run() async throws {
        try await perform {
            try await Searcher.run(
                Searcher.Request(
                    text: text, since: since, until: until, streams: stream, limit: limit, isBestFirst: best,
                    json: json, page: thumbnails, log: log))
        }
    }
}
