public import Media

/// What the clip rule makes of a stream, in order.
public enum ClipOutput: Sendable {
    /// A tick of the open clip has closed.
    case field(MotionField)
    case clip(Clip)
    /// A clip that is not handed out; `index` is its place in the session.
    case skipped(index: Int, start: MediaTime, end: MediaTime, cause: ClipSkipCause)
    /// Pictures are missing: `count` of them, 0 where the number is not known. Clips on both sides say that they are
    /// discontinuous where no clip covers the span.
    case gap(start: MediaTime, end: MediaTime, cause: GapCause, count: Int)
    /// Time stamps ran backward or jumped: what follows belongs to session `number`.
    case session(number: Int, reason: String)
    /// The source is of no use: a single picture, or never a key picture.
    case failed(reason: String)
}
