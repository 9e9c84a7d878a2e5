/// What an answer took, as the server counts it.
package struct ChatUsage: Sendable, Hashable {
    package var promptTokens: Int
    package var completionTokens: Int

    package var total: Int { promptTokens + completionTokens }

    package init(promptTokens: Int, completionTokens: Int) {
        (self.promptTokens, self.completionTokens) = (promptTokens, completionTokens)
    }

    init?(_ field: JSONField?) {
        guard let field, let completion = field["completion_tokens"]?.integer else { return nil }
        self.init(promptTokens: max(0, field["prompt_tokens"]?.integer ?? 0), completionTokens: max(0, completion))
    }
}
