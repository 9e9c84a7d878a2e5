/// How much of a server all streams together may use.
package struct ChatBudget: Sendable, Hashable {
    /// Requests under way at once; a stream never has more than one.
    package var concurrency: Int
    /// Nil: without limit.
    package var callsPerMinute: Int?
    /// Prompt and answer together. Nil: without limit.
    package var tokensPerMinute: Int?

    package init(concurrency: Int = 2, callsPerMinute: Int? = nil, tokensPerMinute: Int? = nil) {
        (self.concurrency, self.callsPerMinute, self.tokensPerMinute) = (concurrency, callsPerMinute, tokensPerMinute)
    }
}
