import Service
import Testing

@Suite struct WatchdogStateMachineTests {
    private var machine = WatchdogStateMachine(loops: ["log", "socket"])
    private let well = WatchdogStateMachine.Event.tick(delays: [], heldCalls: 0)

    private mutating func answer(_ loops: String...) {
        for loop in loops { _ = machine.handle(.answer(loop: loop)) }
    }

    @Test mutating func aliveAsLongAsEveryLoopAnswers() {
        #expect(machine.handle(well) == [.tellAlive, .ask(["log", "socket"])])
        for _ in 0..<3 {
            answer("socket", "log")
            #expect(machine.handle(well) == [.tellAlive, .ask(["log", "socket"])])
        }
    }

    @Test mutating func aLoopThatHangsIsWarnedOfOnceAndForgivenWhenItTurns() {
        _ = machine.handle(well)
        answer("socket")
        #expect(machine.handle(well) == [.warn(["the log does not turn"]), .ask(["socket"])])
        answer("socket")
        #expect(machine.handle(well) == [.ask(["socket"])])
        answer("socket", "log")
        #expect(machine.handle(well) == [.tellAlive, .recovered, .ask(["log", "socket"])])
    }

    @Test mutating func aStreamThatMissesItsTimeStopsTheSigns() {
        let late = WatchdogStateMachine.Event.tick(delays: ["stream yard: late"], heldCalls: 0)
        #expect(machine.handle(late) == [.warn(["stream yard: late"]), .ask(["log", "socket"])])
        answer("socket", "log")
        #expect(machine.handle(well) == [.tellAlive, .recovered, .ask(["log", "socket"])])
    }

    @Test mutating func eightHangingCallsAreBorneAndNineAreNot() {
        #expect(machine.handle(.tick(delays: [], heldCalls: 8)).first == .tellAlive)
        answer("socket", "log")
        #expect(machine.handle(.tick(delays: [], heldCalls: 9)).first == .warn(["9 calls into GStreamer hang"]))
    }
}
