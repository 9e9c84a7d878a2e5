import Captioning
import Media
import MediaTesting
import Testing

@Suite struct SpeechPolicyTests {
    /// Runs a policy over moments a sixth of a second apart.
    private struct Stage {
        var policy: SpeechPolicy
        var time = MediaTime.zero
        var spoken: [SpeechTrigger] = []

        init(_ change: (inout SpeechRules) -> Void = { _ in }) {
            var rules = SpeechRules()
            change(&rules)
            policy = SpeechPolicy(rules: rules)
        }

        /// - Parameter activity: of each moment from now on.
        mutating func run(
            to end: Double, _ events: [(Double, MotionEvent.Kind)] = [], moving: Bool = false,
            activity: (Double) -> Double = { _ in 0 }
        ) {
            var left = events[...]
            while time.seconds < end - 1e-6 {
                time = time + MediaTime(units: 15_000)
                var due: [MotionEvent] = []
                while let next = left.first, next.0 <= time.seconds {
                    let known = MediaTime(seconds: next.0)
                    due.append(MotionEvent(kind: next.1, start: known - MediaTime(seconds: 0.25), known: known))
                    left.removeFirst()
                }
                let box = PictureRectangle(x: 0.4, y: 0.4, width: 0.1, height: 0.2)
                let region = MovingRegion(id: 1, box: box, velocity: moving ? [0.2, 0] : .zero, since: .zero)
                let scene = MotionScene(time: time, regions: [region], activity: activity(time.seconds))
                if let trigger = policy.handle(due, scene: scene) { spoken.append(trigger) }
            }
        }
    }

    @Test func anEventIsToldWithAllItsTimes() throws {
        var stage = Stage { $0.stillAfter = MediaTime(seconds: 100) }
        stage.run(to: 10, [(5, .enter)]) { $0 < 5.3 ? 0.02 : 0.05 }
        let trigger = try #require(stage.spoken.first)
        #expect(stage.spoken.count == 1)
        #expect(trigger.name == "enter")
        #expect(trigger.start.seconds == 4.75 && trigger.known.seconds == 5)
        // It has settled: the picture that shows most of it lies behind.
        #expect(5.3...5.7 ~= trigger.decided.seconds)
        #expect(trigger.known <= trigger.peak && trigger.peak <= trigger.decided)
        #expect(trigger.peak.seconds > 5.2)
    }

    @Test func theNewestOfThoseInTheGapIsTold() {
        var stage = Stage { $0.stillAfter = MediaTime(seconds: 100) }
        stage.run(to: 20, [(5, .enter), (6, .turn), (7, .stop)])
        #expect(stage.spoken.map(\.name) == ["enter", "stop"])
        // Remembered until the gap is over, not lost.
        #expect(8.3...8.9 ~= stage.spoken.last?.decided.seconds ?? 0)
        #expect(stage.spoken.last?.known.seconds == 7)
    }

    @Test func aCutWaitsLess() {
        var stage = Stage { $0.stillAfter = MediaTime(seconds: 100) }
        stage.run(to: 20, [(5, .enter), (6, .cut)])
        #expect(stage.spoken.map(\.name) == ["enter", "cut"])
        #expect((stage.spoken.last?.decided.seconds ?? 9) < 7.2)
    }

    @Test func theBudgetHoldsForHours() {
        var stage = Stage()
        var random = Generator(state: 5)
        let times = (0..<20_000).map { _ in random.nextUnit() * 7_200 }.sorted()
        stage.run(to: 7_200, times.map { ($0, MotionEvent.Kind.allCases.randomElement(using: &random) ?? .enter) })
        // 10 a minute for 120 minutes, and a burst of 4.
        #expect(stage.spoken.count <= 1_204)
        #expect(stage.spoken.count > 1_150)
        let times2 = stage.spoken.map(\.decided)
        for (a, b) in zip(stage.spoken, stage.spoken.dropFirst()) {
            #expect((b.decided - a.decided).seconds >= (b.name == "cut" ? 1 : 3) - 1e-6)
        }
        #expect(times2 == times2.sorted())
    }

    @Test func whatGoesOnMovingIsToldNowAndThen() {
        var stage = Stage { $0.stillAfter = MediaTime(seconds: 100) }
        stage.run(to: 2)
        stage.run(to: 30, [(3, .enter)], moving: true) { _ in 0.04 }
        #expect(stage.spoken.map(\.name) == ["enter", "moving", "moving", "moving"])
        for (a, b) in zip(stage.spoken, stage.spoken.dropFirst()) {
            #expect(abs((b.decided - a.decided).seconds - 8) < 0.4)
        }
    }

    @Test func stillIsToldOnceAndAllIsToldAnewAfterLong() {
        var stage = Stage()
        stage.run(to: 1_300)
        #expect(stage.spoken.map(\.name) == ["still", "refresh", "refresh"])
        #expect((stage.spoken.first?.decided.seconds ?? 9) < 5)
    }

    @Test func aSessionStartsAnewButNotItsBudget() {
        var stage = Stage { $0.perMinute = 1 }
        for session in 0..<6 {
            stage.time = .zero
            stage.policy.startSession()
            stage.run(to: 5)
            #expect(stage.spoken.count == min(session + 1, 4))
        }
    }
}
