import Media
import Subtitles
import Testing

@Suite struct CueScheduleTests {
    private func at(_ seconds: Double) -> MediaTime { MediaTime(milliseconds: Int64((seconds * 1_000).rounded())) }

    private func caption(
        _ id: String, _ text: String, start: Double, end: Double? = nil, told: Double? = nil, replaces: String? = nil
    ) -> TimedCaption {
        TimedCaption(
            id: id, replaces: replaces, text: text, start: at(start), end: at(end ?? start),
            told: at(told ?? end ?? start))
    }

    private func spans(_ cues: [Cue]) -> [[Double]] { cues.map { [$0.start.seconds, $0.end.seconds] } }

    /// A file's subtitles stand where it happens, those of a live stream where it is told.
    @Test func cuesStandAtTheEventOrWhereTheyAreTold() {
        for (timing, start) in [(CueSchedule.Timing.event, 4.2), (.told, 4.8)] {
            var schedule = CueSchedule(timing: timing)
            schedule.add(caption("a", "A region enters.", start: 4.2, end: 4.8))
            #expect(spans(schedule.finish()) == [[start, start + 3]])
        }
    }

    /// A caption stays for as long as what it tells of, and no longer than 7 s.
    @Test(arguments: [(5.0, 5.0), (60.0, 7.0), (0.5, 3.0)])
    func aCueLastsAsLongAsItsEvent(event: Double, expected: Double) {
        var schedule = CueSchedule(timing: .event)
        schedule.add(caption("a", "The camera pans left.", start: 10, end: 10 + event))
        #expect(spans(schedule.finish()) == [[10, 10 + expected]])
    }

    @Test func aNewerCueEndsTheEarlierOne() {
        var schedule = CueSchedule(timing: .event)
        schedule.add(caption("a", "A region enters.", start: 1))
        schedule.add(caption("b", "It stops.", start: 3))
        #expect(spans(schedule.finish()) == [[1, 2.916], [3, 6]])
    }

    /// 60 columns take 3 s; only then the next one comes.
    @Test func aCueStaysUntilItCanHaveBeenRead() {
        var schedule = CueSchedule(timing: .event)
        schedule.add(caption("a", String(repeating: "twelve chars", count: 5), start: 1))
        schedule.add(caption("b", "It stops.", start: 2))
        #expect(spans(schedule.finish()) == [[1, 4], [4.084, 7.084]])
    }

    /// What was told later may have happened earlier.
    @Test func cuesAreInTheOrderOfTime() {
        var schedule = CueSchedule(timing: .event)
        schedule.add(caption("a", "It stops.", start: 8, told: 9))
        schedule.add(caption("b", "A region enters.", start: 2, told: 10))
        let cues = schedule.finish()
        #expect(spans(cues) == [[2, 5], [8, 11]])
        #expect(cues.map(\.number) == [1, 2])
    }

    @Test func onlyWhatHasBegunIsGivenOut() {
        var schedule = CueSchedule(timing: .told)
        schedule.add(caption("a", "A region enters.", start: 1, told: 2))
        #expect(schedule.commit(before: at(2)) == [])
        #expect(spans(schedule.commit(before: at(2.001))) == [[2, 5]])
        // Given out, it cannot be ended any more: the next one waits.
        schedule.add(caption("b", "It stops.", start: 3, told: 3))
        #expect(schedule.commit(before: at(4)) == [])
        #expect(spans(schedule.commit(before: at(6))) == [[5.084, 8.084]])
    }

    @Test func aReplacedCaptionIsNotShownUnlessItWasGivenOut() {
        var schedule = CueSchedule(timing: .told)
        schedule.add(caption("a", "A region enters.", start: 1))
        schedule.add(caption("b", "A white van arrives.", start: 1, told: 4, replaces: "a"))
        #expect(schedule.finish().map(\.lines) == [["A white van arrives."]])
        schedule.add(caption("c", "It stops.", start: 20))
        #expect(schedule.commit(before: at(30)).count == 1)
        schedule.add(caption("d", "The van stops.", start: 20, told: 31, replaces: "c"))
        #expect(schedule.finish().map(\.lines) == [["The van stops."]])
        #expect(schedule.omitted == 0)
    }

    @Test func oldCaptionsMakeRoomForNewOnes() {
        var schedule = CueSchedule(timing: .told)
        // Each takes 4 s to read, and one comes every 2 s.
        for index in 0..<30 {
            schedule.add(caption("\(index)", String(repeating: "seven x ", count: 10), start: Double(2 * index)))
        }
        let cues = schedule.finish()
        #expect(schedule.omitted > 10)
        // The newest is not among what is left out, and comes in time.
        #expect((cues.last?.start ?? .zero) < at(58 + 4.1))
        #expect((cues.last?.start ?? .zero) >= at(58))
    }

    @Test func whatComesTooLateForItsPlaceIsShownAtOnce() {
        var schedule = CueSchedule(timing: .event)
        schedule.add(caption("a", "A region enters.", start: 10))
        #expect(schedule.commit(before: at(100)).count == 1)
        schedule.add(caption("b", "The whole minute was calm.", start: 0, end: 60, told: 101))
        #expect(spans(schedule.finish()) == [[13.084, 20.084]])
    }

    /// Any captions, known late, replaced, given out at any time: cues are in order, apart, and readable.
    @Test(arguments: [CueSchedule.Timing.event, .told])
    func anyCaptionsGiveReadableCues(timing: CueSchedule.Timing) {
        var numbers = SeededNumbers(seed: 2)
        for _ in 0..<150 {
            var schedule = CueSchedule(timing: timing)
            var cues: [Cue] = []
            var now = 0.0
            for index in 0..<Int.random(in: 1...40, using: &numbers) {
                now += Double.random(in: 0...6, using: &numbers)
                let start = max(now - Double.random(in: 0...20, using: &numbers), 0)
                let text = MadeText.random(&numbers, words: Int.random(in: 1...30, using: &numbers))
                let replaces = Int.random(in: 0..<5, using: &numbers) == 0 ? "\(index - 1)" : nil
                schedule.add(
                    caption("\(index)", text, start: start, end: (start + now) / 2, told: now, replaces: replaces))
                if Bool.random(using: &numbers) {
                    cues += schedule.commit(before: at(now - (timing == .event ? 10 : 0)))
                }
            }
            cues += schedule.finish()
            #expect(cues.map(\.number) == Array(1..<(cues.count + 1)))
            for cue in cues {
                let columns = cue.lines.reduce(cue.lines.count - 1) { $0 + $1.columns }
                let seconds = (cue.end - cue.start).seconds
                #expect(seconds >= 1 && seconds <= 7)
                #expect(Double(columns) / seconds <= 20.0001)
                #expect(cue.start >= .zero)
                #expect(cue.start.units % 90 == 0 && cue.end.units % 90 == 0)
            }
            for (a, b) in zip(cues, cues.dropFirst()) { #expect((b.start - a.end).milliseconds >= 84) }
        }
    }
}
