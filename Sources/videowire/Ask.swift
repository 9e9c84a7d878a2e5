internal import ArgumentParser
internal import Service

struct Ask: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Asks a running daemon about one of its streams.",
        discussion: "The stream's captioner answers, from what it has said and from the newest pictures.")

    @Argument(help: "The stream's name.")
    var stream: String

    @Argument(help: "The question.")
    var question: String

    @Option(help: ArgumentHelp("The daemon's socket.", valueName: "path"))
    var socket = Settings.Socket().path

    @Option(help: ArgumentHelp("How long to wait for the answer.", valueName: "seconds"))
    var wait = 120

    @Flag(help: "The answer's JSON event instead of its text.")
    var json = false

    func validate() throws {
        guard (1...3600).contains(wait) else { throw ValidationError("--wait must be from 1 to 3600") }
        guard !question.allSatisfy(\.isWhitespace) else { throw ValidationError("the question is empty") }
    }

    func run() async throws {
        try await perform {
            try await Asker.run(stream: stream, question: question, socket: socket, json: json, seconds: wait)
        }
    }
}
