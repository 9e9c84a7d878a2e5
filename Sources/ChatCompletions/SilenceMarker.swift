/// Whether a model's answer means that it has nothing to say.
package enum SilenceMarker {
    /// What models are told to answer then.
    package static let text = "<silence>"

    private static let phrases: Set<String> = [
        "", "silence", "no change", "no changes", "nothing new", "nothing has changed", "nothing changed",
        "no new events",
    ]

    /// True for `<silence>`, nothing, dots alone, `no change`, `nothing new`; in any case, with or without marks around
    /// them, and of four words at most.
    package static func matches(_ answer: String) -> Bool {
        guard let phrase = phrase(answer) else { return false }
        return phrases.contains(phrase)
    }

    /// Whether an answer that has come so far may still turn out to be silence, and so must not be shown yet.
    package static func mayBegin(_ answer: String) -> Bool {
        guard let phrase = phrase(answer) else { return false }
        return phrases.contains { $0.hasPrefix(phrase) }
    }

    /// In lower case, without marks around it; nil where there are too many words.
    private static func phrase(_ answer: String) -> String? {
        let words = answer.lowercased().split(whereSeparator: \.isWhitespace)
        guard words.count <= 4 else { return nil }
        let phrase = words.joined(separator: " ").drop { !$0.isLetter && !$0.isNumber }
        let end = phrase.lastIndex { $0.isLetter || $0.isNumber }.map { phrase.index(after: $0) } ?? phrase.startIndex
        return String(phrase[..<end])
    }
}
