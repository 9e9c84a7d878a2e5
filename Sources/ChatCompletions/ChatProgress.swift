/// What happens while an answer is awaited.
package enum ChatProgress: Sendable, Hashable {
    /// The stream's turn has come, and the request is sent; also when it is sent again.
    case sent
    /// All of the text so far. It starts anew where an answer is asked for again. Not told while it may still turn out to be silence.
    case partial(String)
    case notice(ChatNotice)
}
