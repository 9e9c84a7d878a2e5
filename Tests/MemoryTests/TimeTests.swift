internal import Media
internal import Memory
internal import Testing

@Suite struct TimeTests {
    private func at(_ seconds: Double) -> MemoryTime { MemoryTime(units: Int64((seconds * 90_000).rounded())) }

    /// specs/grounded-videollm.md §5.
    @Test(arguments: [
        (14.2, 123.4, 34), (25.09, 123.4, 60), (11.0, 15.0, 220), (15.0, 15.0, 300), (20.0, 15.0, 300), (-1.0, 15.0, 0),
    ])
    func temporalTokensAreTruncated(time: Double, duration: Double, token: Int) {
        let tokens = TemporalTokens(start: .zero, end: at(duration))
        #expect(tokens.token(for: at(time)) == token)
        #expect(tokens.text(for: at(time)) == "<\(token)>")
        // Relative to the span, wherever it begins.
        let later = TemporalTokens(start: at(1_000), end: at(1_000 + duration))
        #expect(later.token(for: at(1_000 + time)) == token)
    }

    @Test func secondsAreThoseThatTheAuthorsPrint() {
        let tokens = TemporalTokens(start: .zero, end: at(123.4))
        #expect(abs(tokens.seconds(of: 34) - 13.985) < 0.001)
        #expect(tokens.seconds(of: 300) == 123.4)
    }

    @Test(arguments: [0.7, 4.0, 123.4, 3_600.0, 31_536_000.0])
    func aTimeComesBackWithinHalfABin(duration: Double) {
        let tokens = TemporalTokens(start: at(50), end: at(50 + duration))
        let bin = duration / 300
        var random = SplitMix(state: 3)
        for _ in 0..<2_000 {
            let time = at(50 + Double.random(in: 0...duration, using: &random))
            let back = tokens.time(of: tokens.token(for: time))
            #expect(abs(back.seconds - time.seconds) <= bin / 2 + 2e-5)
        }
        for token in 0...300 { #expect(tokens.token(for: tokens.time(of: token)) == token) }
    }

    @Test func anEmptySpanHasOneToken() {
        let tokens = TemporalTokens(start: at(3), end: at(3))
        #expect(tokens.token(for: at(3)) == 0)
    }

    @Test func spansAreToldAndReadAsTheModelAnswers() {
        let tokens = TemporalTokens(start: .zero, end: at(123.4))
        let text = tokens.text(from: at(14.2), to: at(25.09))
        #expect(text == "From <34> to <60>.")
        #expect(TemporalTokens.tokens(in: text) == [34, 60])
        #expect(TemporalTokens.tokens(in: "<0> <300>") == [0, 300])
        #expect(TemporalTokens.tokens(in: "From <301> to <-1>, <+5>, <a>, 34>, <12") == [])
    }

    /// specs/cogvlm2-video.md §2: the label of a picture is the whole second that it stands for.
    @Test func textualTimestampsAreWholeSecondsFromTheStart() {
        let stamps = TextualTimestamps(start: at(100))
        #expect([100, 100.4, 101, 107.6, 3_700].map { stamps.text(for: at($0)) } == ["0", "0", "1", "8", "3600"])
        #expect(stamps.text(for: at(50)) == "0")
    }

    @Test func onePictureASecondAtMostTwentyFour() {
        // 25 pictures a second for 3 s: the last is at 2.96, which rounds to 3.
        let fast = (0..<75).map { Double($0) / 25 }
        #expect(TextualTimestamps.choice(of: fast) == [0, 25, 50, 74])
        // 30 s: no more than 24.
        #expect(TextualTimestamps.choice(of: (0..<300).map { Double($0) / 10 }) == (0..<24).map { 10 * $0 })
        // Rounded to the even number: 2.5 s has pictures for 0, 1 and 2.
        #expect(TextualTimestamps.choice(of: [0, 1, 1.9, 2.5]) == [0, 1, 2])
        // The first of two as near, and one picture for several seconds.
        #expect(TextualTimestamps.choice(of: [0.5, 1.5, 4]) == [0, 0, 1, 2, 2])
        #expect(TextualTimestamps.choice(of: []) == [])
    }
}
