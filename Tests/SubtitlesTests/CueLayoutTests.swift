import Media
import Subtitles
import Testing

@Suite struct CueLayoutTests {
    private func lines(_ text: String) -> [[String]] { CueLayout.pages(text).map(\.lines) }

    @Test func aShortTextIsOneLine() {
        #expect(lines("The picture is still.") == [["The picture is still."]])
        #expect(lines(String(repeating: "x", count: 42)).map(\.count) == [1])
    }

    /// Lines of a cue are about equally long, the upper one shorter, broken where the reader pauses.
    @Test func aLongerTextIsTwoBalancedLines() {
        #expect(
            lines("The camera pans left (14 % of the width a second).")
                == [["The camera pans left", "(14 % of the width a second)."]])
        #expect(
            lines("A white van stops at the gate, and a man in a red jacket gets out.")
                == [["A white van stops at the gate,", "and a man in a red jacket gets out."]])
    }

    @Test func cuesEndWithSentencesWhereTheyCan() {
        #expect(
            lines("A region enters from the left and moves right (19 % of the width a second). The light goes on.")
                == [
                    ["A region enters from the left and moves", "right (19 % of the width a second)."],
                    ["The light goes on."],
                ])
    }

    @Test func whatBelongsTogetherStaysTogether() {
        // 40 columns up to “14”: the percent sign is not left for the next line.
        let text = "The region at the top of the picture: 14 % of the width a second"
        for line in lines(text).joined() { #expect(!line.hasPrefix("%")) }
        #expect(lines("一二三四五六七八九十一二三四五六七八九十一。").joined().allSatisfy { !$0.hasPrefix("。") })
        let noBreak = "It comes to a halt in the yard, at about 10\u{A0}km an hour"
        #expect(lines(noBreak).joined().contains { $0.contains("10\u{A0}km") })
    }

    /// What is in a column each: marks combine, and wide characters take two.
    @Test(
        arguments: [
            ("abc", 3), ("e\u{301}te\u{301}", 3), ("नमस्ते", 3), ("漢字", 4), ("カタカナ", 8), ("한국어", 6), ("🚗", 2), ("👩‍👩‍👧‍👦", 2),
            ("x\u{200B}y", 2), ("ａ", 2), ("ｱ", 1), ("“a”", 3), ("", 0),
        ])
    func columnsAreCounted(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test func aLongWordIsCutWhereItHasASeam() {
        let word = "https://camera.example/streams/front-door/clip-0001.mp4"
        #expect(lines(word) == [["https://camera.example/streams/front-door/", "clip-0001.mp4"]])
        let plain = String(repeating: "x", count: 100)
        #expect(lines(plain).joined().map(\.count) == [42, 42, 16])
    }

    @Test func japaneseIsBrokenBetweenCharacters() {
        let text = "白い車が左から入り、ゆっくりと右へ動いて、門の前で止まる。人が一人降りて、建物の中に入っていく。"
        let pages = lines(text)
        #expect(pages.count == 2)
        #expect(pages.joined().joined() == text)
        #expect(pages.joined().allSatisfy { $0.columns <= 42 && !$0.hasPrefix("、") })
    }

    @Test(arguments: ["", " ", "\n\t\n", "\u{200B}", "\u{0}\u{7}"])
    func whatShowsNothingIsNoCue(text: String) {
        #expect(lines(text) == [])
    }

    @Test func lineBreaksOfTheTextAreSpaces() {
        #expect(lines("one\r\n\r\ntwo\u{2028}three\u{0}four") == [["one two three four"]])
    }

    @Test func whatNobodyCouldReadIsCutOff() {
        let pages = CueLayout.pages(String(repeating: "word ", count: 10_000))
        #expect(pages.last?.lines.last?.hasSuffix("word…") == true)
        #expect(pages.map(\.columns).reduce(0, +) <= 810)
        // No text takes long.
        #expect(CueLayout.pages(String(repeating: "漢", count: 200_000)).count < 12)
    }

    @Test func anyTextKeepsTheRulesAndLosesNothing() {
        var numbers = SeededNumbers(seed: 1)
        for _ in 0..<3_000 {
            let text = MadeText.random(&numbers, words: Int.random(in: 1...40, using: &numbers))
            let pages = CueLayout.pages(text)
            for page in pages {
                #expect((1...2).contains(page.lines.count), "\(text)")
                for line in page.lines {
                    #expect(line.columns <= 42 && !line.isEmpty, "\(line)")
                    #expect(!line.contains { $0.isNewline } && line.first != " " && line.last != " ", "\(line)")
                }
            }
            let shown = pages.flatMap(\.lines).joined()
            if !shown.hasSuffix("…") { #expect(MadeText.ink(shown) == MadeText.ink(text)) }
        }
    }
}
