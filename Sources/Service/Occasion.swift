internal import Captioning
internal import Events
internal import Media

/// A reason to speak, with what a stream knows at that moment.
struct Occasion: Sendable {
    var trigger: SpeechTrigger
    var session: Int
    /// When the session's first field began: people count from there.
    var sessionStart: MediaTime
    /// The clip that it happened in.
    var clip: Int
    /// Capture time less media time in nanoseconds; nil for files.
    var utcOffset: Int64?

    func utc(at time: MediaTime) -> UTC? {
        utcOffset.map { UTC(nanoseconds: time.nanoseconds &+ $0) }
    }

    func final(stream: String, number: Int, revision: Int = 1, _ caption: Caption) -> Event {
        .captionFinal(
            stream: stream, session: session, number: number, revision: revision, caption: caption, clips: clip...clip,
            utcStart: utc(at: caption.start), utcEnd: utc(at: caption.end))
    }

    func skipped(
        stream: String, _ cause: CaptionSkipCause, number: Int? = nil, sameAs: Int? = nil, reason: String? = nil
    ) -> Event {
        .captionSkipped(
            stream: stream, session: session, trigger: trigger.name, start: trigger.start, end: trigger.decided,
            cause: cause, number: number, sameAs: sameAs, reason: reason)
    }
}
