import Captioning
import Media
import Testing

@Suite struct SpeechPolicyTests {
    private func caption(_ text: String) -> Caption {
        Caption(text: text, start: .zero, end: .zero, trigger: "test")
    }

    @Test func newestInTheGapIsSaidWhenItEnds() {
        var policy = SpeechPolicy()
        #expect(policy.handle(caption("a"), now: MediaTime(seconds: 1))?.text == "a")
        #expect(policy.handle(caption("b"), now: MediaTime(seconds: 2)) == nil)
        #expect(policy.handle(caption("c"), now: MediaTime(seconds: 3)) == nil)
        #expect(policy.handle(nil, now: MediaTime(seconds: 3.9)) == nil)
        #expect(policy.handle(nil, now: MediaTime(seconds: 4))?.text == "c")
        #expect(policy.handle(nil, now: MediaTime(seconds: 9)) == nil)
    }

    @Test func repetitionsAreDropped() {
        var policy = SpeechPolicy()
        #expect(policy.handle(caption("It moves (8 %)."), now: MediaTime(seconds: 1)) != nil)
        #expect(policy.handle(caption("It moves (9 %)."), now: MediaTime(seconds: 5)) == nil)
        #expect(policy.handle(caption("It stops."), now: MediaTime(seconds: 9)) != nil)
        #expect(policy.handle(caption("It moves (9 %)."), now: MediaTime(seconds: 13)) != nil)
        #expect(policy.handle(caption("It moves (9 %)."), now: MediaTime(seconds: 44)) != nil)
    }
}
