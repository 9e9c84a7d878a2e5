import Capture
import Media
import Testing

@Suite struct SourceStateMachineTests {
    private let lost = SourceError(.connection, "cable")

    private func machine(isLive: Bool = true, random: Double = 0) -> SourceStateMachine {
        SourceStateMachine(isLive: isLive, policy: ReconnectPolicy(), random: { random })
    }

    private func delay(_ actions: [SourceStateMachine.Action]) -> Duration? {
        for case .report(_, _, _, let delay?) in actions { return delay }
        return nil
    }

    @Test func waitsDoubleUpToHalfAMinuteForEver() {
        var machine = machine()
        _ = machine.handle(.start, at: .zero)
        var now = Duration.zero
        var waits: [Duration] = []
        for _ in 0..<10 {
            let wait = delay(machine.handle(.failed(lost), at: now)) ?? .zero
            waits.append(wait)
            now += wait
            #expect(machine.handle(.timer(), at: now).contains(.open))
        }
        #expect(waits == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
    }

    @Test(arguments: [(-1.0, 187.5), (1.0, 312.5)])
    func waitsVaryByAQuarter(random: Double, milliseconds: Double) {
        var machine = machine(random: random)
        _ = machine.handle(.start, at: .zero)
        #expect(delay(machine.handle(.failed(lost), at: .zero)) == .milliseconds(milliseconds))
    }

    @Test func goodPicturesForHalfAMinuteMakeTheNextFailureAFirstOne() {
        for (good, expected) in [(29.0, 1.0), (30.0, 0.25)] {
            var machine = machine()
            _ = machine.handle(.start, at: .zero)
            _ = machine.handle(.failed(lost), at: .seconds(1))
            _ = machine.handle(.timer(), at: .seconds(2))
            _ = machine.handle(.failed(lost), at: .seconds(3))
            _ = machine.handle(.timer(), at: .seconds(5))
            _ = machine.handle(.picture, at: .seconds(6))
            #expect(delay(machine.handle(.ended, at: .seconds(6 + good))) == .seconds(expected))
        }
    }

    @Test func refusedLoginIsFailedAndTriedAgainAfterAMinute() {
        var machine = machine()
        _ = machine.handle(.start, at: .zero)
        let refused = SourceError(.unauthorized, "auth")
        #expect(
            machine.handle(.failed(refused), at: .seconds(1)) == [
                .close, .report(.failed, reason: "auth", attempt: 1, nextRetry: .seconds(60)), .wake(.seconds(61)),
            ])
        #expect(machine.handle(.timer(), at: .seconds(61)).contains(.open))
    }

    @Test func stallsAfterThreeKeyIntervalsAndFiveSecondsAtLeast() {
        for (interval, limit) in [(1.0, 5.0), (4.0, 12.0), (86_400.0, 60.0)] {
            var machine = machine()
            _ = machine.handle(.start, at: .zero)
            #expect(machine.handle(.picture, at: .seconds(1)).contains(.wake(.seconds(6))))
            let progress = SourceStateMachine.Event.timer(
                newestPicture: .seconds(5), keyInterval: .seconds(interval))
            #expect(machine.handle(progress, at: .seconds(6)) == [.wake(.seconds(5 + limit))])
            let actions = machine.handle(progress, at: .seconds(5 + limit))
            #expect(actions.first == .report(.stalled, reason: "no picture for \(limit) s", attempt: 1))
            #expect(actions.contains(.close))
            #expect(delay(actions) == .milliseconds(250))
        }
    }

    @Test func aConnectionWithoutAPictureIsGivenUp() {
        var machine = machine()
        #expect(machine.handle(.start, at: .zero).suffix(2) == [.open, .wake(.seconds(10))])
        #expect(machine.handle(.timer(), at: .seconds(10)).first == .close)
    }

    @Test func aFileIsDrainedBeforeItHasEnded() {
        var machine = machine(isLive: false)
        #expect(machine.handle(.start, at: .zero).last == .open)
        _ = machine.handle(.picture, at: .zero)
        #expect(machine.handle(.ended, at: .seconds(1)).isEmpty)
        #expect(
            machine.handle(.drained, at: .seconds(2)) == [
                .close, .report(.ended, reason: "end of file", attempt: 1), .finish(nil),
            ])
    }

    @Test func aFileThatFailsIsNotTriedAgain() {
        var machine = machine(isLive: false)
        _ = machine.handle(.start, at: .zero)
        #expect(machine.handle(.failed(lost), at: .zero).last == .finish(lost))
        #expect(machine.handle(.timer(), at: .seconds(99)).isEmpty)
    }
}
