internal import Captioning
internal import Capture
internal import ChatCompletions
internal import Codec
internal import Dispatch
internal import Events
internal import Logging
internal import Media
internal import Synchronization

/// Captions that a chat-completions server writes of the pictures of a stream, one at a time. The stream's thread never waits for a camera's:
/// a trigger that comes while one is written waits, and a newer one takes its place. A file is held back instead.
final class ServerVoice: StreamVoice, Sendable {
    /// What a server is told of the camera.
    struct Briefing: Sendable {
        var system: String
        var language: String
        /// Pictures at most.
        var frames: Int
        /// The seconds up to the last picture are shown as a video, where the server has room.
        var hasVideo: Bool
        /// Nothing but the newest pictures, a second apart: no earlier caption, no choice of the moment (SimpleStream's way).
        var isMemoryless: Bool
    }

    private struct Job: Sendable {
        var occasion: Occasion
        /// Of a file: that of the moment. A camera's is taken when its turn has come.
        var sight: Sight?
        var offered = ContinuousClock.now
        var tries = 0
    }

    /// Pictures for one caption.
    private struct Sight: Sendable {
        var frames: [Picture]
        var video: [Picture] = []
    }

    private struct Desk {
        var waiting: Job?
        var isWriting = false
        var isClosed = false

        var isIdle: Bool { waiting == nil && !isWriting }
    }

    /// What was written last, for the next.
    private struct Past {
        var session = 0
        var captions = 0
        var filter = RepeatFilter()
        var last: (text: String, seconds: Double, number: Int)?
        /// A caption that broke off: the next one takes its place.
        var truncated: String?
    }

    /// A trigger that could not be told for so long is not news any more.
    private static let staleAfter = Duration.seconds(15)
    /// A file's trigger is not given up sooner.
    private static let triesOfFile = 6

    let rules: SpeechRules
    private let stream: String
    private let briefing: Briefing
    private let client: ChatClient
    private let ring: FrameRing
    private let history: CaptionHistory
    private let isLossless: Bool
    private let heldBack: HeldBack
    private let ground: @Sendable (Occasion) -> Grounding?
    private let publish: @Sendable (Event) -> Void
    private let logger: Logger
    private let desk = Monitor(Desk())
    private let past = Mutex(Past())
    private let task = Mutex<Task<Void, Never>?>(nil)
    private let lastComplaint = Mutex<ChatFailure.Kind?>(nil)
    private let wake: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - isLossless: a file, whose captions are all written.
    ///   - heldBack: notes when the stream's thread waits here.
    ///   - ground: where an occasion lies in what the stream remembers.
    ///   - publish: takes the events, durable or not, from several threads.
    init(
        stream: String, briefing: Briefing, rules: SpeechRules, client: ChatClient, ring: FrameRing,
        history: CaptionHistory, isLossless: Bool, heldBack: HeldBack,
        ground: @escaping @Sendable (Occasion) -> Grounding?,
        publish: @escaping @Sendable (Event) -> Void, logger: Logger
    ) {
        self.stream = stream
        self.briefing = briefing
        self.rules = rules
        self.client = client
        self.ring = ring
        self.history = history
        self.isLossless = isLossless
        self.heldBack = heldBack
        self.ground = ground
        self.publish = publish
        self.logger = logger
        (wake, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: - On the stream's thread

    func startSession() { ring.clear() }

    func offer(_ picture: any DecodedPicture) { ring.offer(picture) }

    func speak(_ occasion: Occasion, tell: (Event) -> Void) {
        var job = Job(occasion: occasion)
        if isLossless {
            job.sight = sight(of: job, isFirst: true)
            heldBack.wait { desk.wait { $0.isIdle || $0.isClosed ? () : nil } }
        }
        let given = desk.withLock { desk in
            guard !desk.isClosed else { return Optional(job) }
            defer { desk.waiting = job }
            return desk.waiting
        }
        waker.yield()
        if let given { tell(given.occasion.skipped(stream: stream, isClosed ? .ended : .superseded)) }
    }

    private var isClosed: Bool { desk.withLock { $0.isClosed } }

    // MARK: - At work

    /// Begins to write.
    func start() {
        task.withLock { $0 = Task { await run() } }
    }

    /// Returns when what waits is written. Nothing more is taken.
    func finish() async {
        close()
        await task.withLock { $0 }?.value
    }

    /// Lets `finish` wait no longer than this from now on; what is not written by then is given up.
    func hurry(within time: DispatchTimeInterval) {
        DispatchQueue.global().asyncAfter(deadline: .now() + time) { [self] in
            close()
            task.withLock { $0 }?.cancel()
        }
    }

    private func close() {
        desk.withLock { $0.isClosed = true }
        waker.yield()
    }

    private func run() async {
        for await _ in wake {
            while !Task.isCancelled, let job = take() { await work(on: job) }
            if isClosed { break }
        }
        let left = desk.withLock { desk in
            desk.isClosed = true
            defer { desk.waiting = nil }
            return desk.waiting
        }
        if let left { publish(left.occasion.skipped(stream: stream, .ended)) }
    }

    private func take() -> Job? {
        desk.withLock { desk in
            guard let job = desk.waiting else { return nil }
            (desk.waiting, desk.isWriting) = (nil, true)
            return job
        }
    }

    private func work(on job: Job) async {
        let again = await write(job)
        let replaced = desk.withLock { desk in
            desk.isWriting = false
            guard let again else { return Job?.none }
            guard desk.waiting == nil else { return again }
            desk.waiting = again
            return nil
        }
        if let replaced { publish(replaced.occasion.skipped(stream: stream, .superseded)) }
    }

    /// - Returns: the job, where it is to be tried again at once.
    private func write(_ job: Job) async -> Job? {
        let occasion = job.occasion
        let draft = Draft(stream: stream, occasion: occasion, language: briefing.language, voice: self)
        let attempts = Mutex(job.tries)
        let sent = Mutex<[MediaTime]>([])
        do {
            let result = try await client.complete(stream: stream) { [self] in
                let isFirst = attempts.withLock { attempts in
                    defer { attempts += 1 }
                    return attempts == 0
                }
                let sight = job.sight ?? sight(of: job, isFirst: isFirst)
                sent.withLock { $0 = sight.frames.map(\.pts) }
                return request(occasion, sight)
            } progress: { progress in
                if case .partial(let text) = progress { draft.show(text) }
            }
            lastComplaint.withLock { $0 = nil }
            tell(result, draft, frames: sent.withLock { $0 })
            return nil
        } catch let failure as ChatFailure {
            return await give(up: job, for: failure, draft)
        } catch {
            let cause: CaptionSkipCause = error is CancellationError ? .ended : .failed
            publish(draft.skipped(cause, reason: cause == .failed ? "\(error)" : nil))
            return nil
        }
    }

    private func sight(of job: Job, isFirst: Bool) -> Sight {
        let moment = isFirst && !briefing.isMemoryless ? job.occasion.trigger.peak : nil
        return Sight(
            frames: ring.frames(at: moment, count: briefing.frames),
            video: briefing.hasVideo ? ring.video(to: moment) : [])
    }

    private func request(_ occasion: Occasion, _ sight: Sight) -> ChatRequest {
        let past = past.withLock { $0.session == occasion.session ? $0.last : nil }
        return CaptionPrompt(
            system: briefing.system, previous: briefing.isMemoryless ? nil : past.map { ($0.text, $0.seconds) },
            frames: sight.frames.map { ChatFrame($0, seconds: ($0.pts - occasion.sessionStart).seconds) },
            video: ChatVideo(sight.video),
            motion: MotionSentence.hint(occasion.trigger)
        ).request
    }

    private func tell(_ result: ChatResult, _ draft: Draft, frames: [MediaTime]) {
        guard !result.isSilence else { return publish(draft.skipped(.silence)) }
        let writing = CaptionWriting(
            requested: .at(result.sentAt), firstToken: result.firstTokenAt.map { .at($0) }, done: .at(result.endedAt),
            frames: Array(frames.suffix(result.pictures)), promptTokens: result.usage?.promptTokens,
            completionTokens: result.usage?.completionTokens)
        tell(result.text, finish: Caption.Finish(result.finish), model: result.model, writing, draft)
    }

    private func tell(
        _ text: String, finish: Caption.Finish, model: String, _ writing: CaptionWriting?, _ draft: Draft
    ) {
        let occasion = draft.occasion
        let number = draft.number
        let (same, replaces) = past.withLock { past -> (Int?, String?) in
            if past.filter.repeats(text) { return (past.last?.number, nil) }
            defer {
                past.last = (text, (occasion.trigger.start - occasion.sessionStart).seconds, number)
                past.truncated = finish == .truncated ? Event.captionID(occasion.session, number) : nil
            }
            return (nil, past.truncated)
        }
        if let same { return publish(draft.skipped(.repeat, sameAs: same)) }
        let trigger = occasion.trigger
        let caption = Caption(
            text: text, language: briefing.language, start: trigger.start, end: trigger.decided, trigger: trigger.name,
            known: trigger.known, event: trigger.event, model: model, finish: finish, replaces: replaces,
            writing: writing, grounding: ground(occasion))
        history.append(occasion.entry(number: number, caption))
        publish(occasion.final(stream: stream, number: number, revision: draft.nextRevision, caption))
    }

    /// - Returns: the job, where it may be tried again.
    private func give(up job: Job, for failure: ChatFailure, _ draft: Draft) async -> Job? {
        complain(failure)
        if !failure.partial.isEmpty {
            tell(failure.partial, finish: .truncated, model: client.server.model ?? "", nil, draft)
            return nil
        }
        let mayComeBack = !failure.isPermanent && failure.retryAt != nil
        guard mayComeBack, let retryAt = failure.retryAt, !isHopeless(job, until: retryAt) else {
            publish(draft.skipped(mayComeBack ? .busy : .failed, reason: failure.description))
            return nil
        }
        do {
            try await Task.sleep(until: retryAt, clock: .continuous)
        } catch {
            publish(draft.skipped(.ended))
            return nil
        }
        var again = job
        again.tries += 1
        return again
    }

    private func isHopeless(_ job: Job, until retryAt: ContinuousClock.Instant) -> Bool {
        isLossless ? job.tries + 1 >= Self.triesOfFile : retryAt - job.offered > Self.staleAfter
    }

    /// Once for each kind of failure in a row.
    private func complain(_ failure: ChatFailure) {
        let isNew = lastComplaint.withLock { last in
            defer { last = failure.kind }
            return last != failure.kind
        }
        if isNew { logger.warning("stream \(stream): no caption: \(failure)") }
    }

    /// Numbers count the captions of a session.
    fileprivate func takeNumber(session: Int) -> Int {
        past.withLock { past in
            if past.session != session { past = Past(session: session) }
            past.captions += 1
            return past.captions
        }
    }

    fileprivate func show(_ event: Event) { publish(event) }
}

/// A caption on its way: its number, and what was shown of it so far.
private final class Draft: Sendable {
    private struct State {
        var number: Int?
        var revision = 0
        var shown = ""
        var time: ContinuousClock.Instant?
    }

    /// Between two parts that are shown.
    private static let pace = Duration.milliseconds(200)

    let occasion: Occasion
    private let stream: String
    private let language: String
    private let voice: ServerVoice
    private let state = Mutex(State())

    init(stream: String, occasion: Occasion, language: String, voice: ServerVoice) {
        self.stream = stream
        self.occasion = occasion
        self.language = language
        self.voice = voice
    }

    /// Given with the first part that is shown, or at the end.
    var number: Int {
        state.withLock { number(&$0) }
    }

    private func number(_ state: inout State) -> Int {
        if let number = state.number { return number }
        let number = voice.takeNumber(session: occasion.session)
        state.number = number
        return number
    }

    var nextRevision: Int { state.withLock { $0.revision + 1 } }

    /// Shows the text so far, at an even pace, unless it may become the silence marker.
    func show(_ text: String) {
        guard !text.isEmpty, !SilenceMarker.text.hasPrefix(text.lowercased()) else { return }
        let event = state.withLock { state -> Event? in
            let now = ContinuousClock.now
            if let time = state.time, now - time < Self.pace || state.shown == text { return nil }
            (state.time, state.shown) = (now, text)
            state.revision += 1
            return .captionPartial(
                stream: stream, session: occasion.session, number: number(&state), revision: state.revision,
                text: text, language: language, trigger: occasion.trigger.name)
        }
        if let event { voice.show(event) }
    }

    func skipped(_ cause: CaptionSkipCause, sameAs: Int? = nil, reason: String? = nil) -> Event {
        let number = state.withLock { $0.number }
        return occasion.skipped(stream: stream, cause, number: number, sameAs: sameAs, reason: reason)
    }
}

extension ChatFrame {
    /// A picture that is at most as large as `FrameRing` keeps them.
    init(_ picture: Picture, seconds: Double?) {
        self.init(seconds: seconds) { longSide in
            try await onOwnThread("vw-jpeg") {
                Result { try JPEGEncoder.encode(picture, longSide: longSide, quality: 80).bytes }
            }.get()
        }
    }
}

extension ChatVideo {
    /// Pictures of `FrameRing`; nil where they are too few to move.
    fileprivate init?(_ pictures: [Picture]) {
        guard pictures.count > 1 else { return nil }
        self.init { longSide in
            try await onOwnThread("vw-video") {
                Result { try MovieWriter.bytes(of: pictures, rate: FrameRing.rate, longSide: longSide) }
            }.get()
        }
    }
}

extension Caption.Finish {
    init(_ finish: ChatFinish) {
        switch finish {
        case .stop, .other: self = .stop
        case .length: self = .length
        case .failed: self = .truncated
        }
    }
}

extension UTC {
    /// A moment of the recent past.
    static func at(_ instant: ContinuousClock.Instant) -> UTC {
        UTC(nanoseconds: UTC.now().nanoseconds - (ContinuousClock.now - instant).nanoseconds)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
