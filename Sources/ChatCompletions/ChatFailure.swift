/// Why there is no answer: what, where, and what to do. Never holds a key.
package struct ChatFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable {
        /// No connection, or none that stayed.
        case unreachable
        case unauthorized
        case wrongModel
        /// The model takes no pictures.
        case textOnly
        /// The server asked to come back later, or is given time to recover.
        case busy
        case slow
        /// Even the smallest request is too large.
        case tooLarge
        /// The connection ended in the middle, also the second time.
        case cut
        /// 200 without a word.
        case empty
        case onlyThinking
        /// Not the answer of a chat-completions server.
        case malformed
        /// An error in the middle of the answer.
        case failedWhileAnswering
        /// Refused in other words.
        case refused
        /// The server is at another address.
        case redirected
        /// The same stream has asked anew while this request waited for its turn.
        case superseded
        /// Closed by the program.
        case closed
        /// A setting that cannot be used.
        case badSetting
    }

    package var kind: Kind
    package var description: String
    /// Asking before this time is useless, and refused without a word to the server. Nil: it may be asked at once.
    package var retryAt: ContinuousClock.Instant?
    /// The server will not be asked again until somebody changes something.
    package var isPermanent: Bool
    /// What had come of the answer.
    package var partial: String

    package init(
        _ kind: Kind, _ description: String, retryAt: ContinuousClock.Instant? = nil, isPermanent: Bool = false,
        partial: String = ""
    ) {
        (self.kind, self.description, self.retryAt) = (kind, description, retryAt)
        (self.isPermanent, self.partial) = (isPermanent, partial)
    }
}
