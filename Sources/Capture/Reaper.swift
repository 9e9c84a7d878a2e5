internal import Synchronization

/// Runs calls into GStreamer that can hang (a camera that went away, a network file system), each on a thread of its own, and
/// counts those that have not come back.
public enum Reaper {
    /// Nobody waits longer for a call; the stream goes on without it.
    static let limit = Duration.seconds(2)

    private struct Calls {
        var started: [Int: ContinuousClock.Instant] = [:]
        var count = 0
    }

    private static let calls = Mutex(Calls())

    /// The calls that hang: under way for longer than the limit.
    public static var held: Int {
        let oldest = ContinuousClock.now - limit
        return calls.withLock { $0.started.values.count { $0 < oldest } }
    }

    /// Starts a call and does not wait for it.
    static func run(_ call: @escaping @Sendable () -> Void) {
        let number = calls.withLock { calls in
            calls.count += 1
            calls.started[calls.count] = .now
            return calls.count
        }
        detachThread {
            call()
            calls.withLock { $0.started[number] = nil }
        }
    }

    /// Starts a call and waits for its end, but no longer than the limit.
    static func wait(for call: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let waiting = Waiting(continuation)
            let timer = Task.detached {
                try? await Task.sleep(for: limit)
                waiting.resume()
            }
            run {
                call()
                timer.cancel()
                waiting.resume()
            }
        }
    }

    /// A continuation that whoever comes first resumes.
    private final class Waiting: Sendable {
        private let continuation: Mutex<CheckedContinuation<Void, Never>?>
        init(_ continuation: CheckedContinuation<Void, Never>) { self.continuation = Mutex(continuation) }
        func resume() { continuation.withLock { $0.take() }?.resume() }
    }
}
