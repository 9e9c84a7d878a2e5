internal import Synchronization

/// Waits until something is so. Fails by the test's own limit, not by a clock.
func eventually(_ condition: @Sendable () -> Bool) async throws {
    for _ in 0..<6_000 where !condition() { try await Task.sleep(for: .milliseconds(5)) }
    guard condition() else { throw Unexpected(description: "it never came to be so") }
}

/// Counts from one.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
