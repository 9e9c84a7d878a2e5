internal import Media
internal import Synchronization

/// Hands units from the streaming thread to one consumer thread; `FeedStateMachine` decides.
final class CaptureFeed: Sendable {
    private let machine: Monitor<FeedStateMachine>
    private let onDrained: @Sendable () -> Void
    private let otherStreams = Mutex<MediaTime?>(nil)
    private let busySince = Mutex<ContinuousClock.Instant?>(nil)

    /// `onDrained` is called on the consumer's thread when it has taken everything of a session that is over.
    init(
        limits: FeedStateMachine.Limits, isLossless: Bool, onDrained: @escaping @Sendable () -> Void = {}
    ) {
        machine = Monitor(FeedStateMachine(limits: limits, isLossless: isLossless))
        self.onDrained = onDrained
    }

    convenience init(
        options: CaptureOptions, isLossless: Bool, onDrained: @escaping @Sendable () -> Void = {}
    ) {
        let limits = FeedStateMachine.Limits(
            units: options.maximumQueuedUnits, bytes: options.maximumQueuedBytes,
            duration: MediaTime(seconds: options.maximumQueuedSeconds))
        self.init(limits: limits, isLossless: isLossless, onDrained: onDrained)
    }

    /// The earliest time at which a stream that is not captured (sound) was seen to begin.
    var otherStreamsStart: MediaTime? { otherStreams.withLock { $0 } }

    func note(otherStreamFrom time: MediaTime) {
        otherStreams.withLock { $0 = min($0 ?? time, time) }
    }

    func begin() -> Int { machine.withLock { $0.begin() } }

    /// Offers a unit, and waits for room where the feed is lossless. Never gives `full`.
    func offer(_ offer: FeedStateMachine.Offer, session: Int) -> FeedStateMachine.Verdict {
        machine.wait { machine in
            let verdict = machine.offer(offer, session: session)
            return verdict == .full ? nil : verdict
        }
    }

    /// Ends the session; a waiting `offer` gives `closed`.
    func end() {
        if machine.withLock({ machine in
            machine.end()
            return machine.isDrained
        }) {
            onDrained()
        }
    }

    /// Ends the session for good; `next` gives nil once the queue is empty.
    func finish() { machine.withLock { $0.finish() } }

    /// When the consumer took what it is at work on; nil while it waits in `next`.
    var consumerBusySince: ContinuousClock.Instant? { busySince.withLock { $0 } }

    /// The next item; blocks. Nil after `finish`, when everything was taken.
    func next() -> CaptureItem? {
        busySince.withLock { $0 = nil }
        let (item, isDrained): (CaptureItem?, Bool) = machine.wait { machine in
            switch machine.take() {
            case .item(let item): (item, machine.isDrained)
            case .closed: (nil, false)
            case .nothing: nil
            }
        }
        busySince.withLock { $0 = item == nil ? nil : .now }
        if isDrained { onDrained() }
        return item
    }
}
