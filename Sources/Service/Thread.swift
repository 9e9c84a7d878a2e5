internal import Foundation

/// Runs blocking work on a thread of its own, so that it never occupies a thread of Swift's pool, and gives back its result.
func onOwnThread<Value: Sendable>(_ name: String, _ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: work()) }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }
}
