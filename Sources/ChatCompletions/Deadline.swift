internal import Synchronization

/// A time that moves while work goes on; when it passes, the work is cancelled.
final class Deadline: Sendable {
    /// How often it is looked whether the time has come nearer.
    static let interval = Duration.milliseconds(250)

    struct Passed: Error {
        var stage: ChatComplaint.Stage
    }

    private struct State {
        var time: ContinuousClock.Instant
        var stage: ChatComplaint.Stage
        var last: ContinuousClock.Instant?
    }

    private let state: Mutex<State>

    init(_ stage: ChatComplaint.Stage, in time: Duration) {
        state = Mutex(State(time: .now + time, stage: stage))
    }

    /// Another token has come.
    func extend(_ stage: ChatComplaint.Stage, by time: Duration, atMost whole: Duration) {
        state.withLock { state in
            let last = state.last ?? .now + whole
            state = State(time: min(.now + time, last), stage: last < .now + time ? .answer : stage, last: last)
        }
    }

    /// - Throws: `Passed`, where the time passes before the work is done.
    func run<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await self.wait()
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else {
                throw Passed(stage: state.withLock { $0.stage })
            }
            return result
        }
    }

    /// Returns when the time has passed.
    private func wait() async throws {
        while true {
            let time = state.withLock { $0.time }
            guard .now < time else { return }
            try await Task.sleep(until: min(time, .now + Self.interval), clock: .continuous)
        }
    }
}
