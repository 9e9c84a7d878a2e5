/// What is known of a server after it was asked.
package struct ChatCapabilities: Sendable, Hashable {
    package var server: ServerKind
    /// The name that requests will have.
    package var model: String
    /// Names that the server lists.
    package var models: [String]
    /// Nil where it does not tell.
    package var contextTokens: Int?
    /// Nil where it does not tell.
    package var takesVideo: Bool?
    /// What it had to teach at once.
    package var notices: [ChatNotice]
}
