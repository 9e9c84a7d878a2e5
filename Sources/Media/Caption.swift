/// A sentence about a span of a stream.
public struct Caption: Sendable, Hashable {
    /// How the writing of it ended.
    public enum Finish: String, Sendable, Hashable, CaseIterable {
        /// The sentence is whole.
        case stop
        /// The writer reached its limit of tokens.
        case length
        /// The writer was cut off.
        case truncated
    }

    public var text: String
    /// BCP 47.
    public var language: String
    /// When what it tells began, as far as that could be seen.
    public var start: MediaTime
    /// When it was decided to tell it.
    public var end: MediaTime
    /// What made the captioner speak, e.g. `cut`, `pan`, `enter`.
    public var trigger: String
    /// When that was known; between `start` and `end`.
    public var known: MediaTime
    /// The event that it tells, if it tells one.
    public var event: MotionEvent?
    /// Id of what wrote it, e.g. `motion-v2`.
    public var model: String
    public var finish: Finish
    /// The id of an earlier caption of the session that this one takes the place of.
    public var replaces: String?
    /// Of a caption that a server wrote.
    public var writing: CaptionWriting?
    /// Where it lies in what the stream remembers.
    public var grounding: Grounding?

    public init(
        text: String, language: String = "en", start: MediaTime, end: MediaTime, trigger: String,
        known: MediaTime? = nil, event: MotionEvent? = nil, model: String, finish: Finish = .stop,
        replaces: String? = nil, writing: CaptionWriting? = nil, grounding: Grounding? = nil
    ) {
        self.text = text
        self.language = language
        self.start = start
        self.end = end
        self.trigger = trigger
        self.known = known ?? end
        self.event = event
        self.model = model
        self.finish = finish
        self.replaces = replaces
        self.writing = writing
        self.grounding = grounding
    }
}

/// How a server wrote a text.
public struct CaptionWriting: Sendable, Hashable {
    public var requested: UTC
    public var firstToken: UTC?
    public var done: UTC
    /// Pictures that were sent, by media time.
    public var frames: [MediaTime]
    /// As the server counts them; nil where it did not say.
    public var promptTokens: Int?
    public var completionTokens: Int?

    public init(
        requested: UTC, firstToken: UTC?, done: UTC, frames: [MediaTime], promptTokens: Int?, completionTokens: Int?
    ) {
        self.requested = requested
        self.firstToken = firstToken
        self.done = done
        self.frames = frames
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }
}

/// A span told in temporal tokens: parts of the span that a stream remembers (Grounded-VideoLLM).
public struct Grounding: Sendable, Hashable {
    /// Length of what is remembered, in seconds.
    public var seconds: Double
    /// Tokens of the start and the end, 0…`resolution`.
    public var tokens: [Int]
    public var resolution: Int

    public init(seconds: Double, tokens: [Int], resolution: Int) {
        self.seconds = seconds
        self.tokens = tokens
        self.resolution = resolution
    }
}

/// Why a trigger led to no caption.
public enum CaptionSkipCause: String, Sendable, Hashable, CaseIterable {
    /// The captioner found nothing worth telling.
    case silence
    /// It would have said what the caption before it said.
    case `repeat`
    /// A newer trigger took its place before it could be written.
    case superseded
    /// The server is busy or away.
    case busy
    /// The server gave no usable answer.
    case failed
    /// The stream has ended.
    case ended
}
