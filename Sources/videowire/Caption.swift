internal import ArgumentParser
internal import Service

struct Caption: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the captions of a file or a camera as subtitles.",
        discussion: """
            Captions of a file stand where that begins which they tell of. Those of a camera stand where they are told, until \
            you stop it; docs/subtitles.md tells how to play them.
            """)

    @Argument(help: "A video file or an rtsp:// URL.")
    var source: String

    @OptionGroup var output: SubtitleOptions

    @Option(help: "Where motion vectors come from: auto, codec or reencode.")
    var motion = Settings.Stream.Motion.auto

    @OptionGroup var captioner: CaptionerOptions
    @OptionGroup var masks: MaskOptions
    @OptionGroup var login: LoginOptions
    @OptionGroup var options: SourceOptions

    func run() async throws {
        try await perform {
            try await SubtitleCommands.caption(
                SubtitleCommands.Source(
                    source: source, credentials: login.credentials, motion: motion, captioner: captioner.settings,
                    memory: captioner.memory, masks: try masks.request, transport: options.transport,
                    pipelines: options.pipelines),
                to: output.request)
        }
    }
}

struct Subtitles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the captions of a running daemon's stream as subtitles.",
        discussion: "Goes on until you stop it; connects again when the daemon goes away.")

    @Option(help: ArgumentHelp("The stream; may be left out where the daemon has only one.", valueName: "name"))
    var stream: String?

    @Option(help: ArgumentHelp("The daemon's socket.", valueName: "path"))
    var socket = Settings.Socket().path

    @OptionGroup var output: SubtitleOptions

    func run() async throws {
        try await perform {
            try await SubtitleCommands.follow(stream: stream, socket: socket, to: output.request)
        }
    }
}

/// Where subtitles go.
struct SubtitleOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A .vtt or .srt file; - for standard output, which is the default.", valueName: "path"))
    var output: String?

    @Option(help: "vtt or srt; by default what the file's ending says, else vtt.")
    var format: SubtitleRequest.Format?

    @Option(help: ArgumentHelp("Write segments and a playlist for HLS to this folder instead.", valueName: "dir"))
    var hls: String?

    @Option(help: ArgumentHelp("With --hls: the video's playlist, for a master playlist of both.", valueName: "uri"))
    var video: String?

    @Option(help: ArgumentHelp("With --hls: what the names of all files begin with.", valueName: "name"))
    var prefix: String?

    @Option(help: ArgumentHelp("With --hls: the captions' language, for players; en by default.", valueName: "tag"))
    var language: String?

    @Option(help: ArgumentHelp("With --hls: length of a segment; 6 by default.", valueName: "seconds"))
    var segment: Int?

    @Option(help: ArgumentHelp("With --hls, of a camera: segments in the playlist; 10 by default.", valueName: "count"))
    var window: Int?

    @Option(
        help: ArgumentHelp(
            "With --hls: the video's time stamp (1/90000 s) at the start of a file, or at 1970-01-01 of a camera; 126000 by default.",
            valueName: "count"))
    var mpegts: Int64?

    @Option(
        help: ArgumentHelp(
            "Of a camera: write captions so much late, but each where that begins which it tells of.",
            valueName: "seconds"))
    var delay: Int?

    func validate() throws {
        if hls == nil {
            let others: [Any?] = [video, prefix, language, segment, window, mpegts]
            if others.contains(where: { $0 != nil }) {
                throw ValidationError("--video, --prefix, --language, --segment, --window and --mpegts need --hls")
            }
            if let output, output != "-", format == nil, SubtitleRequest.Format(ending: output) == nil {
                throw ValidationError("-o \(output): its ending must be .vtt or .srt, or --format must say which it is")
            }
        } else if output != nil || format != nil {
            throw ValidationError("--hls writes WebVTT to a folder; leave -o and --format out")
        }
        guard (1...60).contains(segment ?? 6) else { throw ValidationError("--segment must be from 1 to 60") }
        guard (3...1_000).contains(window ?? 10) else { throw ValidationError("--window must be from 3 to 1000") }
        guard (0...300).contains(delay ?? 0) else { throw ValidationError("--delay must be from 0 to 300") }
        guard (0..<1 << 33).contains(mpegts ?? 0) else { throw ValidationError("--mpegts must be from 0 to 2^33 - 1") }
        if let prefix, prefix.isEmpty || prefix.contains("/") || prefix.hasPrefix(".") {
            throw ValidationError("--prefix must be the beginning of a file's name")
        }
    }

    var request: SubtitleRequest {
        SubtitleRequest(destination: destination, delay: delay)
    }

    private var destination: SubtitleRequest.Destination {
        guard let hls else {
            let path = output == "-" ? nil : output
            return .file(path: path, format ?? path.flatMap { SubtitleRequest.Format(ending: $0) } ?? .vtt)
        }
        var segments = SubtitleRequest.Segments()
        segments.video = video
        if let prefix { segments.name = prefix }
        if let language { segments.language = language }
        if let segment { segments.seconds = segment }
        segments.window = window
        if let mpegts { segments.transportTime = mpegts }
        return .folder(hls, segments)
    }
}
