internal import ChatCompletions
internal import Testing

@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("A van parks.", "A van parks."),
        ("<think>\nIt may be a van.\n</think>\n\nA van parks.", "A van parks."),
        ("It may be a van.</think>A van parks.", "A van parks."),
        ("A van <think>or a bus?</think>parks.", "A van parks."),
        ("<think>I wonder", ""),
        ("2 < 3 and <b>", "2 < 3 and <b>"),
        ("<silence>", "<silence>"),
        ("A\u{1B}[2J van\tparks.\u{9B}1A\nIt stays. 👨‍👩‍👧 e\u{301}", "A [2J van parks. 1A\nIt stays. 👨‍👩‍👧 e\u{301}"),
        ("", ""),
    ])
    func thinkingIsLeftOut(_ content: String, _ expected: String) {
        #expect(VisibleText.of(Array(content.utf8), isWhole: true) == expected)
    }

    /// What is shown while the content comes never holds a part of a tag, of a thought whose beginning was marked, or of a character.
    @Test func nothingOfATagIsShownAtAnyCut() {
        let content = Array("<think>hidden</think>Ein Häuschen 家 🚐<think>hidden</think> parks".utf8)
        let whole = "Ein Häuschen 家 🚐 parks"
        for end in 0...content.count {
            let shown = VisibleText.of(Array(content[..<end]), isWhole: false)
            #expect(whole.hasPrefix(shown), "\(shown)")
        }
        #expect(VisibleText.of(content, isWhole: true) == whole)
    }
}
