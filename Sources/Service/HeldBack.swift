internal import Synchronization

/// The times during which a stream's thread is held back on purpose: a file's, while something slower than it is at work. Any thread.
final class HeldBack: Sendable {
    private enum State {
        case never, now
        /// Until then.
        case until(ContinuousClock.Instant)
    }

    private let state = Mutex<State>(.never)

    /// Waits, on the stream's thread.
    func wait(_ body: () -> Void) {
        state.withLock { $0 = .now }
        defer { state.withLock { $0 = .until(.now) } }
        body()
    }

    /// Since when the stream's thread is at work on a picture that it took at a time, but for waiting; nil while it waits.
    func atWork(since time: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        state.withLock { state in
            switch state {
            case .never: time
            case .now: nil
            case .until(let end): max(time, end)
            }
        }
    }
}
