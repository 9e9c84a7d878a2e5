internal import ArgumentParser
internal import Service

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tokens and captions of a file or a camera, until the file ends or you stop it.",
        discussion: "Without a source the built-in test camera is started and tapped over real RTSP.")

    @Argument(help: "A video file or an rtsp:// URL.")
    var source: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var tokenizer: TokenizerOptions
    @OptionGroup var captioner: CaptionerOptions
    @OptionGroup var masks: MaskOptions
    @OptionGroup var login: LoginOptions
    @OptionGroup var options: SourceOptions

    func validate() throws {
        try tokenizer.validate(motion: output.motion)
        if source == nil, login.credentials != nil { throw ValidationError("--credentials needs the URL of a camera") }
    }

    func run() async throws {
        try await perform {
            var request = output.request(source: source, captions: true, login: login, options: options)
            request.captioner = captioner.settings
            request.memory = captioner.memory
            request.masks = try masks.request
            tokenizer.fill(&request)
            try await OneShot.run(request)
        }
    }
}

struct Tokens: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The same as run, without captions.")

    @Argument(help: "A video file or an rtsp:// URL.")
    var source: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var tokenizer: TokenizerOptions

    @Option(help: "all: every clip; reference: of a file, the clips that Video-LaVIT's reference looks at.")
    var sampling = Sampling.all

    @Option(help: ArgumentHelp("With --sampling reference: at most so many clips.", valueName: "clips"))
    var maxClips: Int?

    @OptionGroup var login: LoginOptions
    @OptionGroup var options: SourceOptions

    func validate() throws {
        if sampling == .all { try tokenizer.validate(motion: output.motion) }
        if sampling == .all, maxClips != nil { throw ValidationError("--max-clips needs --sampling reference") }
        guard (1...4096).contains(maxClips ?? 1) else { throw ValidationError("--max-clips must be from 1 to 4096") }
    }

    func run() async throws {
        try await perform {
            var request = output.request(source: source, captions: false, login: login, options: options)
            tokenizer.fill(&request)
            if sampling == .reference { request.maximumReferenceClips = maxClips ?? 16 }
            try await OneShot.run(request)
        }
    }
}

enum Sampling: String, CaseIterable, ExpressibleByArgument {
    case all, reference
}

/// Options of Video-LaVIT's tokenizers.
struct TokenizerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of a Video-LaVIT checkpoint; its tokens instead of videowire's own.", valueName: "dir"))
    var tokenizer: String?

    @Option(help: "fp32, bf16, int16 or int8.")
    var precision: TokenizerSettings.Precision?

    @Option(help: ArgumentHelp("Threads of the model; all cores by default.", valueName: "count"))
    var threads: Int?

    @Option(
        help:
            "Which parts of a key picture become tokens: deterministic, or gumbel (by chance, as the reference does it)."
    )
    var selector: TokenizerSettings.Selector?

    @Option(help: ArgumentHelp("Of --selector gumbel.", valueName: "number"))
    var seed: Int?

    @Option(help: ArgumentHelp("Write each clip's continuous features to a file in this folder.", valueName: "dir"))
    var features: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Give clips in which nothing has changed the tokens of an earlier one; by default those of cameras.")
    var reuse: Bool?

    func validate(motion: Settings.Stream.Motion) throws {
        guard tokenizer != nil, motion == .codec else { return }
        throw ValidationError("--motion codec: Video-LaVIT's tokens need the vectors of its own encoding; leave it out")
    }

    func validate() throws {
        let others = [precision?.rawValue, threads?.description, selector?.rawValue, seed?.description, features]
        if tokenizer == nil, others.contains(where: { $0 != nil }) || reuse != nil {
            throw ValidationError("--precision, --threads, --selector, --seed, --features and --reuse need --tokenizer")
        }
        guard (1...1024).contains(threads ?? 1) else { throw ValidationError("--threads must be from 1 to 1024") }
        guard seed ?? 0 >= 0 else { throw ValidationError("--seed must be 0 or more") }
    }

    func fill(_ request: inout OneShot.Request) {
        request.reusesStaticClips = reuse
        guard let tokenizer else { return }
        var settings = TokenizerSettings(path: tokenizer)
        if let precision { settings.precision = precision }
        settings.threads = threads
        if let selector { settings.selector = selector }
        if let seed { settings.seed = seed }
        settings.features = features
        request.tokenizer = settings
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
