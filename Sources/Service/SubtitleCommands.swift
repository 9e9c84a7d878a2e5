internal import Capture
internal import Dispatch
internal import Events
internal import Logging
internal import Media
internal import ServiceLifecycle
internal import UnixSignals

/// The work of `videowire caption` and `videowire subtitles`.
public enum SubtitleCommands {
    /// What is captioned.
    public struct Source: Sendable {
        /// A file or an RTSP URL.
        public var source: String
        /// A file with the camera's credentials; `-` for standard input.
        public var credentials: String?
        public var motion: Settings.Stream.Motion
        /// Writes the captions; nil: they come from motion alone.
        public var captioner: CaptionerSettings?
        public var memory: Settings.Stream.Memory.Merge
        public var masks: MaskRequest
        public var transport: Settings.Stream.Transport
        public var pipelines: String?

        public init(
            source: String, credentials: String?, motion: Settings.Stream.Motion, captioner: CaptionerSettings?,
            memory: Settings.Stream.Memory.Merge, masks: MaskRequest, transport: Settings.Stream.Transport,
            pipelines: String?
        ) {
            self.source = source
            self.credentials = credentials
            self.motion = motion
            self.captioner = captioner
            self.memory = memory
            self.masks = masks
            self.transport = transport
            self.pipelines = pipelines
        }
    }

    /// Captions a source until the file has ended, the reader of the output has gone, or SIGINT or SIGTERM came.
    /// - Throws: `SourceError`, `FileOutput.Failure`, `WrongRequest`, or what makes the source unusable.
    public static func caption(_ request: Source, to output: SubtitleRequest) async throws {
        let source = try SourceLocation(parsing: request.source, credentials: request.credentials)
        defer { printCut(of: source) }
        if !source.isLive, let option = output.liveOption {
            throw WrongRequest(description: "\(option) is of live sources, and \(source) is a file; leave it out")
        }
        var options = CaptureOptions()
        options.transport = request.transport == .tcp ? .tcp : .udp
        options.pipelineDirectory = request.pipelines
        guard let tokenizer = Tokenizers().tokenizer(for: .scalar) else {
            throw UnusableTokenizer(description: "no model is loaded")
        }
        let captionServer = try await CaptionServer.open(request.captioner)
        var plan = StreamPlan(
            name: "caption", source: source, options: options, motion: request.motion.way,
            captioner: captionServer == nil ? .motion : .chat, memory: request.memory.limits)
        plan.masks = request.masks.masks
        let writer = try SubtitleWriter(output, isLive: source.isLive)
        let progress = !source.isLive && standardErrorIsTerminal() ? ProgressLine() : nil
        let stream = StreamService(
            plan, tokenizer: tokenizer, captionServer: captionServer, logger: .warnings,
            publish: { tell($0, to: writer, isLive: source.isLive) },
            onProgress: { time in
                progress?.note(time)
                if !source.isLive { writer.note(time) }
            })
        let result: Result<Void, any Error>
        do {
            try await run(writer, isLive: source.isLive) {
                defer { progress?.clear() }
                try await stream.run()
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await captionServer?.close()
        try result.get()
    }

    private static func tell(_ event: Event, to writer: SubtitleWriter, isLive: Bool) {
        switch event.name {
        case .captionFinal:
            if let data = JSONValue(event.data) { writer.take(data) }
        case .streamState where isLive:
            guard let data = JSONValue(event.data) else { return }
            switch data["state"]?.string.flatMap({ StreamState(rawValue: $0) }) {
            case .live: writer.begin()
            case .stalled, .backoff, .failed: printError("videowire: \(data["reason"]?.string ?? "no pictures")")
            case .connecting, .ended, nil: break
            }
        default: break
        }
    }

    /// Writes the captions that a running daemon tells of one of its streams, until SIGINT or SIGTERM comes; connects again when the daemon goes away.
    ///
    /// - Parameter stream: nil where it has only one.
    /// - Throws: `EventSocketError`, `FileOutput.Failure`, `WrongRequest`.
    public static func follow(stream: String?, socket: String, to output: SubtitleRequest) async throws {
        let client = EventClient(path: socket)
        let name = try await client.withConnection { connection in
            try choose(stream, from: connection.hello)
        }
        let writer = try SubtitleWriter(output, isLive: true)
        writer.begin()
        let follower = SubtitleFollower(client: client, stream: name, writer: writer)
        try await run(writer, isLive: true) { try await follower.run() }
    }

    /// An option that does not go with the source or the daemon.
    public struct WrongRequest: Error, CustomStringConvertible {
        public var description: String
    }

    private static func choose(_ stream: String?, from hello: JSONValue) throws -> String {
        let names = (hello["streams"]?.array ?? []).compactMap { $0["stream"]?.string }
        let list = names.isEmpty ? "it has none" : "it has \(names.joined(separator: ", "))"
        guard let stream else {
            if names.count == 1, let only = names.first { return only }
            throw WrongRequest(description: "--stream must name one of the daemon's streams; \(list)")
        }
        guard names.contains(stream) else {
            throw WrongRequest(description: "the daemon has no stream \(stream); \(list)")
        }
        return stream
    }

    // MARK: - Running

    private struct Work: Service {
        let writer: SubtitleWriter
        let isLive: Bool
        let body: @Sendable () async throws -> Void

        func run() async throws {
            try await withGracefulShutdownHandler {
                let clock = Task {
                    while isLive, (try? await Task.sleep(for: .milliseconds(250))) != nil { writer.tick() }
                }
                let result: Result<Void, any Error>
                do {
                    result = .success(try await body())
                } catch {
                    result = .failure(error)
                }
                clock.cancel()
                await onOwnThread("vw-output") { [writer] in writer.finish() }
                try result.get()
            } onGracefulShutdown: { [writer] in
                // Nothing else ends a write to a reader that does not read.
                DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(2)) { writer.abandon() }
            }
        }
    }

    /// Does the work until it ends, a signal comes, or nothing more can be written.
    private static func run(
        _ writer: SubtitleWriter, isLive: Bool, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: Work(writer: writer, isLive: isLive, body: body),
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                ], gracefulShutdownSignals: [.sigint, .sigterm],
                logger: Logger.toStandardError("videowire", level: .critical)))
        let reader = Task {
            await writer.untilClosed()
            await group.triggerGracefulShutdown()
        }
        defer { reader.cancel() }
        try await group.run()
        try writer.check()
    }
}
