/// An answer.
package struct ChatResult: Sendable, Hashable {
    /// Without thinking, and without white space around it. May be empty: a model may have nothing to say.
    package var text: String
    package var finish: ChatFinish
    /// Nil where the server does not count.
    package var usage: ChatUsage?
    /// What the server calls the model.
    package var model: String
    /// Pictures that went along.
    package var pictures: Int
    /// When the request that was answered was sent, after it had waited for its turn.
    package var sentAt: ContinuousClock.Instant
    package var firstTokenAt: ContinuousClock.Instant?
    package var endedAt: ContinuousClock.Instant

    /// The model has said that there is nothing to say.
    package var isSilence: Bool { SilenceMarker.matches(text) }
}
