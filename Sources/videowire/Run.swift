internal import ArgumentParser
internal import Service

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tokens and captions of a file or a camera, until the file ends or you stop it.",
        discussion: "Without a source the built-in test camera is started and tapped over real RTSP.")

    @Argument(help: "A video file or an rtsp:// URL.")
    var source: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var login: LoginOptions
    @OptionGroup var options: SourceOptions

    func validate() throws {
        if source == nil, login.credentials != nil { throw ValidationError("--credentials needs the URL of a camera") }
    }

    func run() async throws {
        try await perform {
            try await OneShot.run(output.request(source: source, captions: true, login: login, options: options))
        }
    }
}

struct Tokens: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The same as run, without captions.")

    @Argument(help: "A video file or an rtsp:// URL.")
    var source: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var login: LoginOptions
    @OptionGroup var options: SourceOptions

    func run() async throws {
        try await perform {
            try await OneShot.run(output.request(source: source, captions: false, login: login, options: options))
        }
    }
}

struct OutputOptions: ParsableArguments {
    @Flag(help: "One JSON event a line, also on a terminal.")
    var json = false

    @Option(help: ArgumentHelp("The stream's name in events.", valueName: "name"))
    var name: String?

    @Option(help: "Where motion vectors come from: auto, codec or reencode.")
    var motion = Settings.Stream.Motion.auto

    func request(source: String?, captions: Bool, login: LoginOptions, options: SourceOptions) -> OneShot.Request {
        OneShot.Request(
            source: source, credentials: login.credentials, name: name, motion: motion, captions: captions,
            json: json || !standardOutputIsTerminal(), transport: options.transport, pipelines: options.pipelines)
    }
}
