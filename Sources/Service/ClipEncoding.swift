internal import Clips
internal import Events
internal import Media
internal import Tokenization

/// Turns clips of a stream into events, in their order. A value that one thread owns.
struct ClipEncoding: Sendable {
    let stream: String
    let tokenizer: any ClipTokenizer
    /// What takes the clips with their tokens; nil: nothing is remembered.
    private let memory: StreamMemory?
    /// Where continuous features go; nil: nowhere.
    private let features: FeatureFolder?
    /// Nil: every clip is tokenized.
    private var staticClips: StaticClips?
    private var hasFeaturesFailed = false

    init(
        stream: String, tokenizer: any ClipTokenizer, memory: StreamMemory? = nil, features: FeatureFolder? = nil,
        staticClips: StaticClips? = nil
    ) {
        self.stream = stream
        self.tokenizer = tokenizer
        self.memory = memory
        self.features = features
        self.staticClips = staticClips
    }

    mutating func event(of timed: TimedClip) -> Event {
        let clip = timed.clip
        do {
            let start = ContinuousClock.now
            let tokens = try tokens(of: clip)
            var latency = timed.latency
            latency.tokenize = (.now - start).milliseconds
            // Before the event is told: who has seen a clip can count on its being remembered.
            memory?.remember(clip, tokens)
            latency.captureToEmit = clip.capture.map {
                Int((UTC.now().nanoseconds - $0.newestArrival.nanoseconds) / 1_000_000)
            }
            let name = write(tokens.features, of: clip)
            return .clipTokens(
                stream: stream, clip: clip, tokens: tokens, tokenizer: tokenizer.description.id, features: name,
                latency: latency)
        } catch {
            return .clipSkipped(stream: stream, clip, cause: .undecodable)
        }
    }

    /// The file's name; nil where there is none. Tokens do not wait for a disk that is full.
    private mutating func write(_ values: ClipFeatures?, of clip: Clip) -> String? {
        guard let values, let features else { return nil }
        do {
            let name = try features.write(values, stream: stream, clip: clip)
            hasFeaturesFailed = false
            return name
        } catch {
            if !hasFeaturesFailed { printError("videowire: features are not written: \(error)") }
            hasFeaturesFailed = true
            return nil
        }
    }

    private mutating func tokens(of clip: Clip) throws -> ClipTokens {
        if let tokens = staticClips?.tokens(for: clip) { return tokens }
        let tokens = try tokenizer.encode(clip)
        staticClips?.note(tokens, of: clip)
        return tokens
    }
}

extension Event {
    /// `clip.skipped` for a clip that was there.
    static func clipSkipped(stream: String, _ clip: Clip, cause: ClipSkipCause) -> Event {
        .clipSkipped(
            stream: stream, session: clip.session, index: clip.index, start: clip.start, end: clip.end, cause: cause,
            capture: clip.capture)
    }
}

extension Duration {
    var milliseconds: Int {
        Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000)
    }
}
