internal import Synchronization

/// Lets requests wait for their turn. Safe to use from anywhere.
final class ChatAdmission: Sendable {
    private struct State {
        var queue: AdmissionQueue
        var lastTicket: AdmissionQueue.Ticket = 0
        var callers: [AdmissionQueue.Ticket: CheckedContinuation<Void, any Error>] = [:]
        var alarm: (time: ContinuousClock.Instant, task: Task<Void, Never>)?
    }

    private let state: Mutex<State>

    init(_ budget: ChatBudget) {
        state = Mutex(State(queue: AdmissionQueue(budget, now: .now)))
    }

    /// Waits for the stream's turn.
    ///
    /// - Returns: a ticket, which must be given back with `end`.
    /// - Throws: `ChatFailure.Kind.superseded` when the same stream asks anew meanwhile, and `CancellationError`.
    func enter(stream: String, tokens: Int) async throws -> AdmissionQueue.Ticket {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { caller in
                let resumed = state.withLock { state -> [Resumed] in
                    // Cancelled before it could wait: the handler has found nobody to wake.
                    guard !Task.isCancelled else { return [Resumed(caller: caller, error: CancellationError())] }
                    state.callers[ticket] = caller
                    return perform(
                        state.queue.submit(stream: stream, ticket: ticket, tokens: tokens, now: .now), &state)
                }
                resumed.forEach { $0.resume() }
            }
        } onCancel: {
            leave(ticket)
        }
        return ticket
    }

    /// The request is over.
    func end(_ ticket: AdmissionQueue.Ticket, tokens: Int?) {
        update { $0.end(ticket, tokens: tokens, now: .now) }
    }

    /// The request is sent once more.
    func sentAgain(_ ticket: AdmissionQueue.Ticket, tokens: Int) {
        update {
            $0.sentAgain(ticket, tokens: tokens, now: .now)
            return []
        }
    }

    private func leave(_ ticket: AdmissionQueue.Ticket) {
        let resumed = state.withLock { state -> [Resumed] in
            // Whoever was admitted just now goes on, notices, and gives the ticket back.
            guard let caller = state.callers.removeValue(forKey: ticket) else { return [] }
            return [Resumed(caller: caller, error: CancellationError())]
                + perform(state.queue.end(ticket, tokens: nil, now: .now), &state)
        }
        resumed.forEach { $0.resume() }
    }

    private func update(_ change: (inout AdmissionQueue) -> [AdmissionQueue.Action]) {
        let resumed = state.withLock { state in perform(change(&state.queue), &state) }
        resumed.forEach { $0.resume() }
    }

    /// A caller and what it is told, outside the lock.
    private struct Resumed {
        var caller: CheckedContinuation<Void, any Error>
        var error: (any Error)?

        func resume() {
            if let error { caller.resume(throwing: error) } else { caller.resume() }
        }
    }

    private func perform(_ actions: [AdmissionQueue.Action], _ state: inout State) -> [Resumed] {
        var resumed: [Resumed] = []
        for action in actions {
            switch action {
            case .admit(let ticket):
                if let caller = state.callers.removeValue(forKey: ticket) { resumed.append(Resumed(caller: caller)) }
            case .supersede(let ticket):
                guard let caller = state.callers.removeValue(forKey: ticket) else { continue }
                let failure = ChatFailure(
                    .superseded, "not asked: the stream has asked anew while this waited for its turn")
                resumed.append(Resumed(caller: caller, error: failure))
            case .wake(let time): setAlarm(time, &state)
            }
        }
        return resumed
    }

    private func setAlarm(_ time: ContinuousClock.Instant, _ state: inout State) {
        if let alarm = state.alarm {
            guard alarm.time != time else { return }
            alarm.task.cancel()
        }
        let task = Task { [weak self] in
            guard (try? await Task.sleep(until: time, clock: .continuous)) != nil else { return }
            self?.ring(time)
        }
        state.alarm = (time, task)
    }

    private func ring(_ time: ContinuousClock.Instant) {
        let resumed = state.withLock { state in
            if state.alarm?.time == time { state.alarm = nil }
            return perform(state.queue.poll(now: .now), &state)
        }
        resumed.forEach { $0.resume() }
    }

    deinit {
        state.withLock { $0.alarm?.task.cancel() }
    }
}
