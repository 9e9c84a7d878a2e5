import Capture
internal import Foundation
import Media
import Synchronization

/// Everything a capture gave, taken on a thread of its own while `run` goes on.
final class Recording: Sendable {
    let capture: StreamCapture
    private let items = Mutex<[CaptureItem]>([])
    private let isOver = Mutex(false)

    /// Starts taking; `pause` is slept after each unit.
    init(_ source: SourceLocation, options: CaptureOptions = CaptureOptions(), pause: Duration = .zero) {
        let states = StateBox()
        capture = StreamCapture(source: source, options: options) { state in states.value.withLock { $0.append(state) }
        }
        box = states
        Thread.detachNewThread { [self] in
            while let item = capture.next() {
                items.withLock { $0.append(item) }
                if pause > .zero { Thread.sleep(forTimeInterval: pause / .seconds(1)) }
            }
            isOver.withLock { $0 = true }
        }
    }

    private let box: StateBox
    private final class StateBox: Sendable { let value = Mutex<[SourceState]>([]) }

    var states: [SourceState] { box.value.withLock { $0 } }
    var all: [CaptureItem] { items.withLock { $0 } }
    var units: [AccessUnit] { all.compactMap { if case .unit(let unit) = $0 { unit } else { nil } } }

    var formats: [VideoFormat] { all.compactMap { if case .format(let format) = $0 { format } else { nil } } }

    /// The units up to the end of the first session.
    var firstSession: [AccessUnit] {
        all.prefix { if case .endOfSession = $0 { false } else { true } }
            .compactMap { if case .unit(let unit) = $0 { unit } else { nil } }
    }

    /// One letter an item: S session, F format, U unit, L loss, E end of session; runs of units as one.
    var outline: String {
        var result = ""
        for item in all {
            let letter: Character =
                switch item {
                case .session: "S"
                case .format: "F"
                case .unit: "U"
                case .loss: "L"
                case .endOfSession: "E"
                }
            if letter != "U" || result.last != "U" { result.append(letter) }
        }
        return result
    }

    /// Runs a file to its end.
    func finish() async throws {
        try await capture.run()
        while !isOver.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// Runs until `condition` holds, at most for `limit`; gives whether it held.
    func run(until condition: @escaping @Sendable (Recording) -> Bool, limit: Duration = .seconds(15)) async -> Bool {
        let run = Task { try await capture.run() }
        let holds = await waits(for: condition, limit: limit)
        run.cancel()
        _ = await run.result
        while !isOver.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(1)) }
        return holds
    }

    /// Waits until `condition` holds, at most for `limit`; gives whether it held.
    func waits(for condition: (Recording) -> Bool, limit: Duration = .seconds(15)) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if condition(self) { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}
