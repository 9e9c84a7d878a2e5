internal import ChatCompletions
internal import Testing

@Suite struct SilenceMarkerTests {
    @Test(arguments: [
        "<silence>", "", "...", "…", " <Silence>. ", "No change.", "nothing new", "NOTHING NEW", "(nothing new)",
        "**No change**",
    ])
    func silence(_ answer: String) {
        #expect(SilenceMarker.matches(answer))
    }

    @Test(arguments: [
        "A van parks at the gate.", "There is no change in the yard.", "Silence falls.", "No", "nothing new but a cat",
    ])
    func words(_ answer: String) {
        #expect(!SilenceMarker.matches(answer))
    }

    /// As an answer comes, nothing of it is shown before it is known to be words.
    @Test func whatMayBecomeSilenceIsKnown() {
        for text in ["<", "<sil", "No", "Nothing n", "..", ""] { #expect(SilenceMarker.mayBegin(text), "\(text)") }
        for text in ["A", "No o", "Nothing old", "<b", "no change in the yard"] {
            #expect(!SilenceMarker.mayBegin(text), "\(text)")
        }
    }
}
