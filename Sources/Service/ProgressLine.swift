internal import Media
internal import Synchronization

/// How far a file is, on one line of standard error that is written over.
final class ProgressLine: Sendable {
    private struct State {
        var isShown = false
        var drawn: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let start = ContinuousClock.now

    /// Draws anew, a few times a second at most.
    func note(_ position: MediaTime) {
        state.withLock { state in
            let now = ContinuousClock.now
            if let drawn = state.drawn, now - drawn < .milliseconds(200) { return }
            state.drawn = now
            state.isShown = true
            let seconds = position.seconds
            let speed = seconds / max((now - start) / .seconds(1), 0.001)
            let minutes = Int(seconds) / 60
            let rest = Int(seconds) % 60
            writeError("\r\(minutes):\(rest < 10 ? "0" : "")\(rest) done, \(Int(speed)) times real time\u{1B}[K")
        }
    }

    /// Takes the line away, so that something else can be written there.
    func clear() {
        state.withLock { state in
            guard state.isShown else { return }
            state.isShown = false
            writeError("\r\u{1B}[K")
        }
    }
}
