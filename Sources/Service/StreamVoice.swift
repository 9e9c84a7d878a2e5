internal import Captioning
internal import Events
internal import Media

/// Writes the captions of a stream. Its stream's thread calls it.
protocol StreamVoice: AnyObject {
    /// When to speak.
    var rules: SpeechRules { get }

    /// Media times before it do not compare.
    func startSession()

    /// Takes each picture that was decoded, for captioners that see.
    func offer(_ picture: any DecodedPicture)

    /// Writes what is to be said. `tell` takes what is ready at once.
    func speak(_ occasion: Occasion, tell: (Event) -> Void)
}

/// Captions from motion alone, written on the spot.
final class MotionVoice: StreamVoice {
    let rules: SpeechRules
    private let stream: String
    private let history: CaptionHistory
    private let ground: (Occasion) -> Grounding?
    private var captioner = MotionCaptioner()
    private var captions = 0

    /// - Parameter ground: where an occasion lies in what the stream remembers.
    init(
        stream: String, rules: SpeechRules, history: CaptionHistory, ground: @escaping (Occasion) -> Grounding?
    ) {
        self.ground = ground
        self.stream = stream
        self.rules = rules
        self.history = history
    }

    func startSession() {
        captions = 0
        captioner = MotionCaptioner()
    }

    func offer(_ picture: any DecodedPicture) {}

    func speak(_ occasion: Occasion, tell: (Event) -> Void) {
        guard var caption = captioner.caption(occasion.trigger) else {
            return tell(occasion.skipped(stream: stream, .repeat))
        }
        captions += 1
        caption.grounding = ground(occasion)
        history.append(occasion.entry(number: captions, caption))
        tell(occasion.final(stream: stream, number: captions, caption))
    }
}

extension Occasion {
    func entry(number: Int, _ caption: Caption) -> CaptionHistory.Entry {
        CaptionHistory.Entry(
            session: session, number: number, caption: caption, utc: utc(at: caption.start),
            seconds: (caption.start - sessionStart).seconds)
    }
}
