/// A sentence about a span of a stream.
public struct Caption: Sendable, Hashable {
    public var text: String
    /// BCP 47.
    public var language: String
    public var start: MediaTime
    public var end: MediaTime
    /// What made the captioner speak, e.g. `cut`, `pan`, `enter`.
    public var trigger: String

    public init(text: String, language: String = "en", start: MediaTime, end: MediaTime, trigger: String) {
        self.text = text
        self.language = language
        self.start = start
        self.end = end
        self.trigger = trigger
    }
}
