internal import ArgumentParser
internal import Service

struct Probe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks at a source and says what videowire would make of it.")

    @Argument(help: "A video file or an rtsp:// URL.")
    var source: String

    @Option(help: ArgumentHelp("How much of the source to look at.", valueName: "seconds"))
    var seconds = 10

    @Flag(help: "One JSON object instead of text.")
    var json = false

    @OptionGroup var login: LoginOptions
    @OptionGroup var options: SourceOptions

    func validate() throws {
        guard (1...3600).contains(seconds) else { throw ValidationError("--seconds must be from 1 to 3600") }
    }

    func run() async throws {
        try await perform {
            let report = try await Prober.probe(
                source: source, credentials: login.credentials, seconds: seconds, transport: options.transport,
                pipelines: options.pipelines)
            var output = FileOutput()
            try output.write(((json ? try report.json : report.text) + "\n").utf8)
            try output.flush()
        }
    }
}
