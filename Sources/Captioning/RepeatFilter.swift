/// Tells whether a sentence says what the one before it said (rule R10 of docs/captions.md).
public struct RepeatFilter: Sendable {
    /// Share of common word triples from which on it does.
    private static let limit = 0.8

    private var last: [String]?

    public init() {}

    /// - Returns: whether `text` repeats the sentence before it. If not, it takes its place.
    public mutating func repeats(_ text: String) -> Bool {
        let words = Self.words(of: text)
        if let last, Self.isRepeat(words, of: last) { return true }
        last = words
        return false
    }

    private static func isRepeat(_ words: [String], of last: [String]) -> Bool {
        let (bare, lastBare) = (words.filter { !isPadding($0) }, last.filter { !isPadding($0) })
        if bare == lastBare { return true }
        // Short ones share hardly any triple.
        let length = min(words.count, last.count) < 6 ? 1 : 3
        let (a, b) = (runs(of: words, length), runs(of: last, length))
        let all = a.union(b).count
        return all > 0 && Double(a.intersection(b).count) >= limit * Double(all)
    }

    private static func isPadding(_ word: String) -> Bool {
        ["a", "an", "the"].contains(word) || word.allSatisfy(\.isNumber)
    }

    private static func words(of text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map { String($0) }
    }

    private static func runs(of words: [String], _ length: Int) -> Set<[String]> {
        guard words.count >= length else { return words.isEmpty ? [] : [words] }
        return Set((0...words.count - length).map { Array(words[$0..<$0 + length]) })
    }
}
