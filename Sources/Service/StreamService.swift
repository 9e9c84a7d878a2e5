package import Captioning
package import Capture
internal import Clips
internal import Codec
internal import Dispatch
package import Events
package import Logging
package import Media
package import Memory
internal import ServiceLifecycle
internal import Synchronization
package import Tokenization

/// What a stream is made from. Two equal ones give the same events of the same source.
package struct StreamPlan: Hashable, Sendable {
    var name: String
    var source: SourceLocation
    var options = CaptureOptions()
    /// The way to motion that the user asked for; nil: `auto`.
    var motion: MotionWay?
    /// Nil: no captions.
    var captioner: CaptionerChoice?
    var speech = SpeechRules()
    var memory = MemoryLimits()
    var tokenizer = TokenizerChoice.scalar
    /// Video-LaVIT: clips in which nothing has changed get the tokens of an earlier one.
    var reusesStaticClips = false
    /// Video-LaVIT: where continuous features go; nil: nowhere.
    var features: FeatureFolder?
    var masks = PictureMasks.none
    /// For captioners.
    var description = StreamDescription()
    /// Where key pictures are kept; nil: they are not.
    var keyPictures: KeyPictureFolder?

    package init(
        name: String, source: SourceLocation, options: CaptureOptions = CaptureOptions(), motion: MotionWay? = nil,
        captioner: CaptionerChoice?, speech: SpeechRules = SpeechRules(), memory: MemoryLimits = MemoryLimits(),
        tokenizer: TokenizerChoice = .scalar, reusesStaticClips: Bool = false,
        features: FeatureFolder? = nil
    ) {
        self.name = name
        self.source = source
        self.options = options
        self.motion = motion
        self.captioner = captioner
        self.speech = speech
        self.memory = memory
        self.tokenizer = tokenizer
        self.reusesStaticClips = reusesStaticClips
        self.features = features
    }

    /// What turns its clips into events.
    func encoding(_ tokenizer: any ClipTokenizer, memory: StreamMemory? = nil) -> ClipEncoding {
        ClipEncoding(
            stream: name, tokenizer: tokenizer, memory: memory, features: features,
            staticClips: reusesStaticClips && self.tokenizer == .videoLaVIT ? StaticClips() : nil)
    }
}

/// One stream from its source to its events, for as long as the source lasts or until it is shut down.
package final class StreamService: Service {
    /// A pipeline that is at work on one picture for longer hangs.
    private static let pictureLimit = Duration.seconds(30)
    /// When a stream is stopped, clips that wait for their tokens get so long.
    private static let tokenizingAtEnd = DispatchTimeInterval.seconds(8)
    /// And captions that are being written so long.
    private static let writingAtEnd = DispatchTimeInterval.seconds(4)
    /// A decision may be so late: stopping a pipeline that hangs comes before it.
    private static let decisionSlack = Duration.seconds(5)

    private let plan: StreamPlan
    private let lastSession: Int
    private let tokenizer: any ClipTokenizer
    private let memory: StreamMemory?
    private let publish: @Sendable (Event) -> Void
    private let onProgress: @Sendable (MediaTime) -> Void
    private let states: StateReporter
    /// Nil where clips are tokenized on the stream's own thread.
    private let stage: TokenStage?
    private let capture: StreamCapture
    private let history = CaptionHistory()
    private let ring = FrameRing()
    private let heldBack = HeldBack()
    /// Nil where captions come from motion, or none are written.
    private let voice: ServerVoice?
    private let answerer: Answerer

    /// - Parameters:
    ///   - lastSession: the number of the stream's newest session so far.
    ///   - memory: takes each clip with its tokens before its event is published.
    ///   - captionServer: writes the captions of a plan that wants it.
    ///   - publish: takes the stream's events, durable or not, from several threads; may block to hold a file back.
    ///   - onProgress: takes the media time reached.
    package init(
        _ plan: StreamPlan, lastSession: Int = 0, tokenizer: any ClipTokenizer, memory: StreamMemory? = nil,
        captionServer: CaptionServer? = nil, logger: Logger = Logger(label: "videowire"),
        publish: @escaping @Sendable (Event) -> Void,
        onProgress: @escaping @Sendable (MediaTime) -> Void = { _ in }
    ) {
        self.plan = plan
        self.lastSession = lastSession
        self.tokenizer = tokenizer
        self.memory = memory
        self.publish = publish
        self.onProgress = onProgress
        let states = StateReporter(stream: plan.name, logger: logger, publish: publish)
        self.states = states
        stage =
            plan.tokenizer == .scalar
            ? nil
            : TokenStage(
                stream: plan.name, isLossless: !plan.source.isLive, heldBack: heldBack, emit: publish)
        capture = StreamCapture(source: plan.source, options: plan.options) { states.report($0) }
        let server = plan.captioner == .chat ? captionServer : nil
        voice = server.map { [ring, history, heldBack] server in
            ServerVoice(
                stream: plan.name, briefing: plan.briefing(server.settings), rules: plan.speech, client: server.client,
                ring: ring, history: history, isLossless: !plan.source.isLive, heldBack: heldBack,
                ground: { memory?.snapshot.grounding(of: $0) }, publish: publish, logger: logger)
        }
        answerer = Answerer(
            stream: plan.name, client: server?.client, system: plan.answering, ring: ring, history: history,
            memory: memory, publish: publish)
    }

    /// What has missed its time; nil while all goes well, which a source that is away and will be tried again does. Any thread.
    var delay: String? {
        let now = ContinuousClock.now
        if let taken = capture.consumerBusySince, let since = heldBack.atWork(since: taken),
            now - since > Self.pictureLimit
        {
            return "it has been at work on one picture for \((now - since).components.seconds) s"
        }
        if let due = capture.decisionDue, now - due > Self.decisionSlack {
            return "a decision about its source is \((now - due).components.seconds) s late"
        }
        return nil
    }

    private func makeVoice() -> (any StreamVoice)? {
        if let voice { return voice }
        return plan.captioner.map { _ in
            MotionVoice(stream: plan.name, rules: plan.speech, history: history) { [memory] in
                memory?.snapshot.grounding(of: $0)
            }
        }
    }

    /// Takes a question, whose `answer` is published. Any thread.
    func take(_ question: String, id: String) throws(QuestionRefused) {
        try answerer.take(question, id: id)
    }

    /// Returns when a file has ended, or the service was shut down or cancelled; everything taken in has been published by then.
    /// - Throws: `SourceError` for a file that cannot be used, `StreamPipeline.Unusable` for a file that gives no clips.
    package func run() async throws {
        let hurry: @Sendable () -> Void = { [stage, voice] in
            stage?.hurry(within: Self.tokenizingAtEnd)
            voice?.hurry(within: Self.writingAtEnd)
        }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await capturePictures()
            } onGracefulShutdown: {
                hurry()
            }
        } onCancel: {
            hurry()
        }
    }

    private func capturePictures() async throws {
        let encoding = plan.encoding(tokenizer, memory: memory)
        let keyPictures = plan.keyPictures.map {
            KeyPictureWriter(stream: plan.name, folder: $0, isLive: plan.source.isLive)
        }
        stage?.start(encoding)
        voice?.start()
        async let failure = onOwnThread("vw-\(plan.name)") { [self] in
            let voice = makeVoice()
            let pipeline = StreamPipeline(
                stream: plan.name, encoding: encoding, stage: stage,
                motion: plan.tokenizer == .videoLaVIT ? .reencode : plan.motion,
                attachesVideoLaVIT: plan.tokenizer == .videoLaVIT, voice: voice, lastSession: lastSession,
                masks: plan.masks, keyPictures: keyPictures,
                emit: publish, onProgress: onProgress)
            while let item = capture.next() { pipeline.handle(item) }
            stage?.finish()
            keyPictures?.finish()
            return pipeline.unusable
        }
        do {
            try await cancelWhenGracefulShutdown { [capture] in try await capture.run() }
        } catch {
            _ = await failure
            await voice?.finish()
            states.end()
            throw error
        }
        let unusable = await failure
        await voice?.finish()
        // Stopped before its end, it may have been about to give some.
        if states.end(), let unusable { throw unusable }
    }
}

/// Turns a source's states into events. The states that a session begins and ends with are held back until its clips are out.
/// Trouble is logged, too: once, however often the source is tried.
private final class StateReporter: Sendable {
    private struct Pending {
        var newest: StreamState?
        var end: Event?
        /// Of what the log was told last; nil while all is well.
        var trouble: String?
    }

    private let stream: String
    private let logger: Logger
    private let publish: @Sendable (Event) -> Void
    private let pending = Mutex(Pending())

    init(stream: String, logger: Logger, publish: @escaping @Sendable (Event) -> Void) {
        self.stream = stream
        self.logger = logger
        self.publish = publish
    }

    func report(_ state: SourceState) {
        log(state)
        let event = Event.streamState(
            state.kind, stream: stream, reason: state.reason.isEmpty ? nil : state.reason,
            attempt: state.attempt > 0 ? state.attempt : nil,
            nextRetryMilliseconds: state.nextRetry.map { Int($0 / .milliseconds(1)) }, since: state.since)
        let isNow = pending.withLock { pending in
            defer { pending.newest = state.kind }
            switch state.kind {
            // The pipeline tells of a session's start itself, with its number and the way motion is taken.
            case .live: return pending.newest == .stalled
            case .ended:
                pending.end = event
                return false
            case .connecting, .stalled, .backoff, .failed: return true
            }
        }
        if isNow { publish(event) }
    }

    private func log(_ state: SourceState) {
        let line = pending.withLock { pending -> String? in
            switch state.kind {
            case .stalled, .backoff:
                defer { pending.trouble = state.reason }
                return pending.trouble == state.reason ? nil : state.reason
            case .live:
                defer { pending.trouble = nil }
                return pending.trouble.map { _ in "live again" }
            case .connecting, .ended, .failed: return nil
            }
        }
        if let line { logger.notice("stream \(stream): \(line)") }
    }

    /// Whether a file was read to its end.
    @discardableResult
    func end() -> Bool {
        let event = pending.withLock { pending in
            defer { pending.end = nil }
            return pending.end
        }
        if let event { publish(event) }
        return event != nil
    }
}
