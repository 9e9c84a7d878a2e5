/// A caption's text as pieces between which a line may be broken.
struct CaptionText {
    struct Piece: Equatable {
        var text: String
        var columns: Int
        /// A space stands before it, unless it begins a line.
        var hasSpaceBefore: Bool
    }

    private(set) var pieces: [Piece] = []

    /// White space and control characters become single spaces; text beyond the longest caption is cut off.
    init(_ text: String) {
        split(text)
        cutLongPieces()
        cutEnd()
    }

    /// - Returns: the pieces of a range as one line.
    func line(_ range: Range<Int>) -> String {
        var line = ""
        for piece in pieces[range] {
            if piece.hasSpaceBefore, !line.isEmpty { line += " " }
            line += piece.text
        }
        return line
    }

    /// All of it.
    var wholeLine: String { line(pieces.startIndex..<pieces.endIndex) }

    // MARK: - Where a line may be broken

    private mutating func split(_ text: String) {
        var word = ""
        var hasSpace = false
        var columns = 0
        for character in text {
            // The rest is cut off in any case.
            if columns > 2 * SubtitleRules.longestCaption { break }
            columns += max(character.columns, 1)
            if character.isBreakingSpace {
                append(word, hasSpaceBefore: hasSpace)
                (word, hasSpace) = ("", true)
                continue
            }
            if let last = word.last, Self.mayBreak(between: last, and: character) {
                append(word, hasSpaceBefore: hasSpace)
                (word, hasSpace) = ("", false)
            }
            word.append(character)
        }
        append(word, hasSpaceBefore: hasSpace)
    }

    private static func mayBreak(between a: Character, and b: Character) -> Bool {
        (a.isIdeographic || b.isIdeographic) && !a.endsNoLine && !b.beginsNoLine
    }

    /// What begins no line (“%” of “14 %”, the French “!”) stays with the word before it.
    private mutating func append(_ word: String, hasSpaceBefore: Bool) {
        guard !word.isEmpty else { return }
        let piece = Piece(text: word, columns: word.columns, hasSpaceBefore: hasSpaceBefore)
        if let first = word.first, first.beginsNoLine, let last = pieces.last,
            last.columns + 1 + piece.columns <= SubtitleRules.columnsPerLine
        {
            let text = last.text + (hasSpaceBefore ? " " : "") + word
            pieces[pieces.count - 1] = Piece(
                text: text, columns: text.columns, hasSpaceBefore: last.hasSpaceBefore)
        } else {
            pieces.append(piece)
        }
    }

    /// A word longer than a line is cut, behind a hyphen, a slash or the like where there is one in the second half of the line.
    private mutating func cutLongPieces() {
        guard pieces.contains(where: { $0.columns > SubtitleRules.columnsPerLine }) else { return }
        pieces = pieces.flatMap { piece in
            var parts: [Piece] = []
            var rest = piece.text[...]
            while !rest.isEmpty {
                let text = Self.head(of: rest)
                rest = rest.dropFirst(text.count)
                parts.append(
                    Piece(
                        text: String(text), columns: String(text).columns,
                        hasSpaceBefore: parts.isEmpty && piece.hasSpaceBefore))
            }
            return parts
        }
    }

    private static func head(of text: Substring) -> Substring {
        var columns = 0
        var end = text.startIndex
        var seam: String.Index?
        while end < text.endIndex {
            let width = text[end].columns
            if columns + width > SubtitleRules.columnsPerLine, columns > 0 { break }
            columns += width
            let next = text.index(after: end)
            if text[end].isSeam, columns > SubtitleRules.columnsPerLine / 2 { seam = next }
            end = next
        }
        return end == text.endIndex ? text : text[..<(seam ?? end)]
    }

    private mutating func cutEnd() {
        var columns = 0
        for (index, piece) in pieces.enumerated() {
            columns += piece.columns + (piece.hasSpaceBefore ? 1 : 0)
            guard columns > SubtitleRules.longestCaption else { continue }
            pieces.removeSubrange(max(index, 1)...)
            let mark = Piece(text: "…", columns: 1, hasSpaceBefore: false)
            let last = pieces[pieces.count - 1]
            if last.columns < SubtitleRules.columnsPerLine {
                pieces[pieces.count - 1] = Piece(
                    text: last.text + mark.text, columns: last.columns + 1, hasSpaceBefore: last.hasSpaceBefore)
            } else {
                pieces.append(mark)
            }
            return
        }
    }
}

extension Character {
    /// Spaces at which a line may be broken, and control characters, which no subtitle may hold.
    fileprivate var isBreakingSpace: Bool {
        switch self {
        // No-break spaces.
        case "\u{A0}", "\u{202F}", "\u{2007}": false
        default: isWhitespace || unicodeScalars.allSatisfy { $0.properties.generalCategory == .control }
        }
    }

    /// Closing punctuation, and small kana and marks of Japanese (JIS X 4051).
    fileprivate var beginsNoLine: Bool { Self.closing.contains(self) }

    fileprivate var endsNoLine: Bool { Self.opening.contains(self) }

    fileprivate var isSeam: Bool { Self.seams.contains(self) }

    private static let closing = Set(
        "!%),.:;?]}»’”…‰、。〉》」』】〕！％），．：；？］｝々ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ・")
    private static let opening = Set("([{«‘“〈《「『【〔（［｛")
    private static let seams = Set("-–—/\\_.,:;=&?+")
}
