package import Media

/// What a connection does next: pulls from the log at the consumer's pace, and keeps to its policy when that is too slow.
///
/// Nothing is queued here but the page just read: the log is the queue, and the cursor the place in it.
package struct SubscriberStateMachine: Sendable {
    package enum Input: Sendable {
        /// A line from the client.
        case line(String)
        case logAdvanced(to: UInt64)
        /// The answer to `Action.read`.
        case page(LogPage, request: Int)
        /// The answer to `Action.locate`.
        case located(cursor: UInt64, request: Int)
        /// The answer to either where the log cannot be read.
        case unreadable(String)
        /// An event that is not in the log: delivered at once, or not at all.
        case told(Event, isWritable: Bool)
        /// After everything else: the socket takes more data, or does not.
        case proceed(isWritable: Bool)
        /// Time for a heartbeat.
        case beat(isWritable: Bool, streams: [StreamStatus])
        /// The server stops: deliver up to here, then close.
        case drain(to: UInt64)
    }

    package enum Action: Sendable, Hashable {
        /// Send an event of this connection.
        case say(Event)
        /// Send lines of the log.
        case forward([String])
        case read(after: UInt64, filter: EventFilter, request: Int)
        case locate(UTC, request: Int)
        /// Hand the client's question on, and say what came of it.
        case ask(Question)
        /// Close when what was sent has gone out.
        case close
    }

    private struct Subscription {
        var filter: EventFilter
        var policy: SubscribeRequest.Policy
        var maximumQueue: UInt64
        /// Everything up to here that matches has been sent; nil while the beginning is looked up.
        var cursor: UInt64?
        /// It has been at the end of the log; before that it may be as late as it likes.
        var isLive: Bool
        /// Since when more than `maximumQueue` events wait behind a socket that takes nothing.
        var lateSince: Int64?
    }

    private let epochs: EpochHistory
    private var newest: UInt64
    private var subscription: Subscription?
    /// Counts what was asked of the log; answers to older questions are ignored.
    private var request = 0
    private var isWaiting = false
    private var drainTarget: UInt64?
    private var isClosed = false

    package init(epochs: EpochHistory, newest: UInt64) {
        self.epochs = epochs
        self.newest = newest
    }

    /// - Parameter now: milliseconds of a clock that never jumps.
    package mutating func handle(_ input: Input, now: Int64) -> [Action] {
        guard !isClosed else { return [] }
        switch input {
        case .line(let line): return handle(line: line)
        case .logAdvanced(let number): newest = max(newest, number)
        case .page(let page, let request): if request == self.request { return deliver(page) }
        case .located(let cursor, let request): if request == self.request { return begin(at: cursor) }
        case .unreadable(let reason): return close(.failure("log-unreadable", reason))
        case .told(let event, let isWritable): return isWritable && wants(event) ? [.say(event)] : []
        case .proceed(let isWritable): return proceed(isWritable: isWritable, now: now)
        case .beat(let isWritable, let streams): return isWritable ? [heartbeat(streams)] : []
        case .drain(let target): drainTarget = target
        }
        return []
    }

    private mutating func handle(line: String) -> [Action] {
        do {
            switch try ClientRequest(line: line) {
            case .ping(let value): return [.say(.pong(value))]
            case .ask(let question): return [.ask(question)]
            case .subscribe(let request): return subscribe(request)
            }
        } catch {
            return [.say(.failure("bad-request", error.message, field: error.field.isEmpty ? nil : error.field))]
        }
    }

    private mutating func subscribe(_ new: SubscribeRequest) -> [Action] {
        request += 1
        isWaiting = false
        subscription = Subscription(
            filter: new.filter, policy: new.policy, maximumQueue: UInt64(new.maximumQueue), cursor: newest, isLive: true
        )
        switch new.start {
        case .live:
            return [heartbeat()]
        case .time(let time):
            isWaiting = true
            subscription?.cursor = nil
            return [.locate(time, request: request)]
        case .after(let epoch, let sequence):
            if let cursor = epochs.cursor(epoch: epoch, sequence: sequence, newest: newest) { return begin(at: cursor) }
            return [.say(.logLost(.epoch))] + begin(at: 0)
        }
    }

    /// Only those who have nothing older to read.
    private func wants(_ event: Event) -> Bool {
        guard let subscription, subscription.isLive, drainTarget == nil else { return false }
        return subscription.filter.matches(stream: event.stream, name: event.name.rawValue)
    }

    /// The heartbeat tells the client where its subscription begins.
    private mutating func begin(at cursor: UInt64) -> [Action] {
        isWaiting = false
        subscription?.cursor = cursor
        subscription?.isLive = false
        return [heartbeat()]
    }

    private mutating func deliver(_ page: LogPage) -> [Action] {
        isWaiting = false
        guard let cursor = subscription?.cursor else { return [] }
        var actions: [Action] = []
        if page.oldest > cursor + 1 {
            actions.append(.say(.logLost(.retention, range: cursor + 1...page.oldest - 1)))
        }
        if !page.lines.isEmpty { actions.append(.forward(page.lines)) }
        let reached = max(page.through, page.oldest - 1)
        newest = max(newest, reached)
        subscription?.cursor = reached
        if reached >= newest { subscription?.isLive = true }
        return actions
    }

    private mutating func proceed(isWritable: Bool, now: Int64) -> [Action] {
        guard subscription != nil else { return drainTarget == nil ? [] : close() }
        guard !isWaiting else { return [] }
        let actions = keepPolicy(isWritable: isWritable, now: now)
        guard isWritable, !isClosed, let current = subscription, let cursor = current.cursor else { return actions }
        if let drainTarget, cursor >= drainTarget { return actions + close() }
        guard cursor < newest else { return actions }
        isWaiting = true
        request += 1
        return actions + [.read(after: cursor, filter: current.filter, request: request)]
    }

    /// A live consumer is late while more than `maximumQueue` events wait behind a socket that takes nothing. The jump is
    /// made when the socket takes data again, so that one `log.lost` tells all that was missed.
    private mutating func keepPolicy(isWritable: Bool, now: Int64) -> [Action] {
        guard let current = subscription, let cursor = current.cursor else { return [] }
        guard newest > cursor, newest - cursor > current.maximumQueue else {
            subscription?.lateSince = nil
            return []
        }
        if let since = current.lateSince {
            guard isWritable, now - since >= current.policy.tolerance else { return [] }
            let last = newest - current.maximumQueue
            subscription?.cursor = last
            subscription?.lateSince = nil
            return [.say(.logLost(.slowConsumer, range: cursor + 1...last))]
        }
        guard current.isLive, !isWritable else { return [] }
        if current.policy == .disconnect {
            return close(.failure("slow-consumer", "more than \(current.maximumQueue) events wait to be read"))
        }
        subscription?.lateSince = now
        return []
    }

    private mutating func close(_ reason: Event? = nil) -> [Action] {
        isClosed = true
        return (reason.map { [.say($0)] } ?? []) + [.close]
    }

    private func heartbeat(_ streams: [StreamStatus] = []) -> Action {
        .say(.heartbeat(sequence: subscription?.cursor, newest: newest, streams: streams))
    }
}

extension SubscribeRequest.Policy {
    /// Milliseconds that a consumer may be late.
    fileprivate var tolerance: Int64 {
        if case .block(let milliseconds) = self { Int64(milliseconds) } else { 0 }
    }
}
