/// Turns a caption's text into what is shown at one time after another: as few cues and lines as its length allows, broken where a
/// reader pauses, lines of a cue about equally long.
package enum CueLayout {
    /// What is shown at one time.
    package struct Page: Sendable, Hashable {
        /// One or two, none empty.
        package var lines: [String]

        /// The columns of its lines and of the breaks between them.
        package var columns: Int { lines.reduce(lines.count - 1) { $0 + $1.columns } }
    }

    /// - Returns: the pages in their order; none where the text shows nothing.
    package static func pages(_ text: String) -> [Page] {
        let text = CaptionText(text)
        guard text.pieces.contains(where: { $0.columns > 0 }) else { return [] }
        return Breaking(text).pages()
    }
}

/// Finds the cheapest breaks, from the end of the text to its start.
private struct Breaking {
    /// Costs are in squared columns; these make the order of importance: number of cues, number of lines, then looks.
    private enum Cost {
        static let page = 100_000
        static let secondLine = 10_000
        static let pageEndsInSentence = 900
        static let pageEndsInClause = 300
        static let lineEndsInClause = 150
        /// A short line above a long one hides less of the picture.
        static let upperIsLonger = 40
    }

    private struct Step {
        var cost: Int
        /// Where the page's second line begins, if it has one.
        var second: Int?
        /// Where the page ends.
        var end: Int
    }

    private let text: CaptionText
    /// Columns of the first n pieces with their spaces.
    private let columns: [Int]
    /// The pause that a reader makes before each piece, and behind the last.
    private let pauses: [Pause]

    init(_ text: CaptionText) {
        self.text = text
        columns = text.pieces.reduce(into: [0]) { sums, piece in
            sums.append((sums.last ?? 0) + piece.columns + (piece.hasSpaceBefore ? 1 : 0))
        }
        let inside = zip(text.pieces, text.pieces.dropFirst()).map { Pause(between: $0.text, and: $1.text) }
        pauses = [.sentence] + inside + [.sentence]
    }

    func pages() -> [CueLayout.Page] {
        let count = text.pieces.count
        // steps[n] is the best page that begins with piece n.
        var steps = [Step](repeating: Step(cost: 0, second: nil, end: count), count: count + 1)
        for start in stride(from: count - 1, through: 0, by: -1) {
            steps[start] = bestPage(from: start, steps)
        }
        var pages: [CueLayout.Page] = []
        var start = 0
        while start < count {
            let step = steps[start]
            let lines = step.second.map { [start..<$0, $0..<step.end] } ?? [start..<step.end]
            pages.append(CueLayout.Page(lines: lines.map { text.line($0) }))
            start = step.end
        }
        return pages
    }

    private func bestPage(from start: Int, _ steps: [Step]) -> Step {
        let limit = SubtitleRules.columnsPerLine
        // A single piece fits on a line in any case.
        var best = Step(cost: .max, second: nil, end: start + 1)
        func offer(_ second: Int?, _ end: Int, _ cost: Int) {
            let total = cost + pageCost(start..<end) + steps[end].cost
            if total < best.cost { best = Step(cost: total, second: second, end: end) }
        }
        var first = start + 1
        while first <= text.pieces.count, width(start..<first) <= limit || first == start + 1 {
            offer(nil, first, 0)
            var end = first + 1
            while end <= text.pieces.count, width(first..<end) <= limit {
                offer(first, end, Cost.secondLine + lineCost(start..<first, first..<end))
                end += 1
            }
            first += 1
        }
        return best
    }

    private func width(_ range: Range<Int>) -> Int {
        let space = text.pieces[range.lowerBound].hasSpaceBefore ? 1 : 0
        return columns[range.upperBound] - columns[range.lowerBound] - space
    }

    private func lineCost(_ upper: Range<Int>, _ lower: Range<Int>) -> Int {
        let difference = width(upper) - width(lower)
        return difference * difference + (difference > 0 ? Cost.upperIsLonger : 0)
            + (pauses[upper.upperBound] == .none ? Cost.lineEndsInClause : 0)
    }

    /// Equally full pages have the smallest sum of squares.
    private func pageCost(_ range: Range<Int>) -> Int {
        let room = SubtitleRules.columnsPerLine * SubtitleRules.linesPerCue - width(range)
        let ending =
            switch pauses[range.upperBound] {
            case .sentence: 0
            case .clause: Cost.pageEndsInClause
            case .none: Cost.pageEndsInSentence
            }
        return Cost.page + room * room / 4 + ending
    }
}

/// Where a reader pauses, told by punctuation alone, so in any language.
private enum Pause {
    case none, clause, sentence

    init(between a: String, and b: String) {
        let last = a.last { !Self.closing.contains($0) }
        if let last, Self.sentenceEnds.contains(last) {
            self = .sentence
        } else if let last, Self.clauseEnds.contains(last) || last != a.last {
            self = .clause
        } else {
            self = b.first.map { Self.opening.contains($0) } == true ? .clause : .none
        }
    }

    private static let sentenceEnds = Set(".!?…。！？")
    private static let clauseEnds = Set(",;:–—、，；：")
    private static let closing = Set(")]”’»\"'」』）")
    private static let opening = Set("([“‘«「『（")
}
