/// Decides whether the service manager may be told that the daemon is alive: only while every loop has turned since the last tick,
/// every stream has kept its own time, and few enough calls into GStreamer hang.
package struct WatchdogStateMachine {
    package enum Event: Equatable {
        /// The time has come to tell.
        /// - Parameters:
        ///   - delays: what streams have missed.
        ///   - heldCalls: calls that hang in the reaper's hands.
        case tick(delays: [String], heldCalls: Int)
        case answer(loop: String)
    }

    package enum Action: Equatable {
        case tellAlive
        /// Ask these loops for an answer.
        case ask([String])
        /// Log it: why the manager is told nothing from now on, or that it is told again.
        case warn([String])
        case recovered
    }

    /// More would mean that something is wrong with the whole process, not with a camera or two.
    package static let maximumHeldCalls = 8

    private let loops: [String]
    private var outstanding: Set<String> = []
    private var reasons: [String] = []

    package init(loops: [String]) {
        self.loops = loops
    }

    package mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .answer(let loop):
            outstanding.remove(loop)
            return []
        case .tick(let delays, let heldCalls):
            return tick(delays: delays, heldCalls: heldCalls)
        }
    }

    private mutating func tick(delays: [String], heldCalls: Int) -> [Action] {
        var reasons = loops.filter { outstanding.contains($0) }.map { "the \($0) does not turn" } + delays
        if heldCalls > Self.maximumHeldCalls { reasons.append("\(heldCalls) calls into GStreamer hang") }
        let idle = loops.filter { !outstanding.contains($0) }
        outstanding.formUnion(idle)
        var actions: [Action] = reasons.isEmpty ? [.tellAlive] : []
        if !reasons.isEmpty, self.reasons.isEmpty { actions.append(.warn(reasons)) }
        if reasons.isEmpty, !self.reasons.isEmpty { actions.append(.recovered) }
        self.reasons = reasons
        return actions + (idle.isEmpty ? [] : [.ask(idle)])
    }
}
