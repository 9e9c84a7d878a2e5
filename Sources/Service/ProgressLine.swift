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
        draw { elapsed in
            let seconds = position.seconds
            let minutes = Int(seconds) / 60
            let rest = Int(seconds) % 60
            return "\(minutes):\(rest < 10 ? "0" : "")\(rest) done, \(Int(seconds / elapsed)) times real time"
        }
    }

    /// The same for bytes; nothing is shown in the first second.
    func note(bytes: Int, of total: Int) {
        draw(after: 1) { elapsed in
            let speed = Int(Double(bytes) / elapsed / 1e6)
            return "\(bytes * 100 / max(total, 1)) % of \(total / 1_000_000) MB, \(speed) MB/s"
        }
    }

    /// - Parameter text: gets the seconds since the beginning.
    private func draw(after delay: Double = 0, _ text: (_ elapsed: Double) -> String) {
        state.withLock { state in
            let now = ContinuousClock.now
            if let drawn = state.drawn, now - drawn < .milliseconds(200) { return }
            let elapsed = max((now - start) / .seconds(1), 0.001)
            guard elapsed >= delay else { return }
            state.drawn = now
            state.isShown = true
            writeError("\r\(text(elapsed))\u{1B}[K")
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
