/// What one exchange may take.
package struct ChatLimits: Sendable, Hashable {
    package var connect = Duration.seconds(3)
    package var firstToken = Duration.seconds(30)
    /// Until the server has answered once: it may have to load its model.
    package var firstTokenAfterStart = Duration.seconds(120)
    package var betweenTokens = Duration.seconds(10)
    /// From the first token to the last.
    package var answer = Duration.seconds(180)
    package var pictures = 8
    /// Pixels.
    package var longSide = 768
    package var requestBytes = 8 * 1024 * 1024
    /// Of an answer as it comes, with everything around the text.
    package var responseBytes = 4 * 1024 * 1024
    /// Of an answer's content. More than any caption.
    package var textBytes = 16 * 1024

    package init() {}
}
