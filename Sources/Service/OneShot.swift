internal import Capture
internal import Events
internal import Logging
internal import Media
internal import ServiceLifecycle
internal import Tokenization
internal import UnixSignals

/// The work of `videowire run` and `videowire tokens`: one source, events on standard output.
public enum OneShot {
    public struct Request: Sendable {
        /// A file or an RTSP URL; nil for the built-in test camera.
        public var source: String?
        /// A file with the camera's credentials; `-` for standard input.
        public var credentials: String?
        /// The stream's name in events; nil for one made from the source.
        public var name: String?
        public var motion: Settings.Stream.Motion
        public var captions: Bool
        /// Writes them; nil: they come from motion alone.
        public var captioner: CaptionerSettings?
        public var memory = Settings.Stream.Memory.Merge.clip
        public var masks = MaskRequest()
        /// Nil: the scalar tokenizer, which needs no model.
        public var tokenizer: TokenizerSettings?
        /// Whether clips in which nothing has changed get the tokens of an earlier one; nil: those of cameras do.
        public var reusesStaticClips: Bool?
        /// Of a file, only so many clips, chosen as Video-LaVIT's reference chooses them; nil: every clip.
        public var maximumReferenceClips: Int?
        /// JSON lines instead of lines for people.
        public var json: Bool
        public var transport: Settings.Stream.Transport
        public var pipelines: String?

        public init(
            source: String?, credentials: String? = nil, name: String?, motion: Settings.Stream.Motion = .auto,
            captions: Bool, tokenizer: TokenizerSettings? = nil, reusesStaticClips: Bool? = nil,
            maximumReferenceClips: Int? = nil, json: Bool, transport: Settings.Stream.Transport, pipelines: String?
        ) {
            self.source = source
            self.credentials = credentials
            self.name = name
            self.motion = motion
            self.captions = captions
            self.tokenizer = tokenizer
            self.reusesStaticClips = reusesStaticClips
            self.maximumReferenceClips = maximumReferenceClips
            self.json = json
            self.transport = transport
            self.pipelines = pipelines
        }
    }

    /// Runs until the file has ended, the reader of standard output has gone, or SIGINT or SIGTERM came.
    /// - Throws: `SourceError`, `FileOutput.Failure`, or what makes the source unusable.
    public static func run(_ request: Request) async throws {
        let camera = request.source == nil ? try TestCamera(media: .testPicture) : nil
        defer { camera?.stop() }
        if let camera {
            printError("No source given: tapping the built-in test camera at \(camera.url) (Ctrl-C ends it)")
        }
        let source =
            try camera.map { try SourceLocation(parsing: $0.url) }
            ?? SourceLocation(parsing: request.source ?? "", credentials: request.credentials)
        defer { printCut(of: source) }
        var options = CaptureOptions()
        options.transport = request.transport == .tcp ? .tcp : .udp
        options.pipelineDirectory = request.pipelines

        if request.maximumReferenceClips != nil, source.isLive {
            throw StreamPipeline.Unusable(description: "\(source) is no file; --sampling reference reads files")
        }
        let logger = Logger.toStandardError("videowire", level: .critical)
        let captionServer = try await CaptionServer.open(request.captioner)
        if let features = request.tokenizer?.features { try makeFolder(features) }
        let tokenizers = try await Tokenizers.load(request.tokenizer) { printError("videowire: \($0)") }
        let choice: TokenizerChoice = request.tokenizer == nil ? .scalar : .videoLaVIT
        guard let tokenizer = tokenizers.tokenizer(for: choice) else {
            throw UnusableTokenizer(description: "no model is loaded")
        }

        let name = request.name ?? (camera == nil ? source.streamName : "test-camera")
        let printer = EventPrinter(json: request.json, isFile: !source.isLive)
        var plan = StreamPlan(
            name: name, source: source, options: options, motion: request.motion.way,
            captioner: request.captions ? (captionServer == nil ? .motion : .chat) : nil, memory: request.memory.limits,
            tokenizer: choice, reusesStaticClips: request.reusesStaticClips ?? source.isLive,
            features: request.tokenizer?.features.map { FeatureFolder(path: $0) })
        plan.masks = request.masks.masks
        let stream = service(
            plan, request, tokenizer, captionServer, publish: { printer.print($0) }, onProgress: { printer.note($0) })
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: Source(stream: stream, printer: printer),
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                ], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
        // Whichever ends first, the source or the reader, ends the run.
        let reader = Task {
            await printer.untilClosed()
            await group.triggerGracefulShutdown()
        }
        defer { reader.cancel() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await group.run())
        } catch {
            result = .failure(error)
        }
        await captionServer?.close()
        try result.get()
        try printer.check()
    }

    private static func service(
        _ plan: StreamPlan, _ request: Request, _ tokenizer: any ClipTokenizer, _ captionServer: CaptionServer?,
        publish: @escaping @Sendable (Event) -> Void, onProgress: @escaping @Sendable (MediaTime) -> Void
    ) -> any Service {
        guard let maximumClips = request.maximumReferenceClips else {
            let memory = StreamMemory(stream: plan.name, tokenizer: tokenizer, limits: plan.memory)
            return StreamService(
                plan, tokenizer: tokenizer, memory: memory, captionServer: captionServer, logger: .warnings,
                publish: publish, onProgress: onProgress)
        }
        var plan = plan
        // Whoever asks for the reference's clips wants its numbers.
        plan.reusesStaticClips = false
        return ReferenceService(
            plan, maximumClips: maximumClips, tokenizer: tokenizer, publish: publish, onProgress: onProgress)
    }

    private struct Source: Service {
        let stream: any Service
        let printer: EventPrinter

        func run() async throws {
            try await printer.withEvents { try await stream.run() }
        }
    }
}

extension SourceLocation {
    /// A name for the stream where the user gave none: the file's, without folder and ending.
    fileprivate var streamName: String {
        guard case .file(let path) = self, let last = path.split(separator: "/").last else { return "camera" }
        let stem = last.split(separator: ".").first.map { String($0) } ?? ""
        let name = stem.lowercased().unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                ? String(scalar) : "-"
        }.joined()
        return name.isEmpty ? "file" : String(name.prefix(64))
    }
}
