internal import Capture
internal import Dispatch
internal import Events
internal import Media
internal import Synchronization

/// A clip on its way to the tokenizer, with what is known of its latency so far.
struct TimedClip: Sendable {
    var clip: Clip
    var latency: Latency
}

/// Tokenizes a stream's clips on a thread of its own, so that decoding and captions do not wait for a model that takes seconds.
///
/// For a file the stream's thread is held back while two clips wait. Of a camera the oldest waiting clip is given up (`clip.skipped`, cause
/// `busy`). `TokenQueue` says which event may come before which.
final class TokenStage: Sendable {
    typealias Queue = TokenQueue<TimedClip, Event>

    private static let capacity = 2

    private let stream: String
    private let emit: @Sendable (Event) -> Void
    private let queue: Monitor<Queue>
    private let heldBack: HeldBack

    /// - Parameter heldBack: notes when the stream's thread waits here.
    init(stream: String, isLossless: Bool, heldBack: HeldBack, emit: @escaping @Sendable (Event) -> Void) {
        self.stream = stream
        self.emit = emit
        self.heldBack = heldBack
        queue = Monitor(
            Queue(capacity: Self.capacity, isLossless: isLossless) {
                .clipSkipped(stream: stream, $0.clip, cause: .busy)
            })
    }

    /// Starts the thread that tokenizes; it ends after `finish`, as soon as the tokenizer lets it.
    func start(_ encoding: ClipEncoding) {
        Task { await onOwnThread("vw-\(stream)-t") { [self] in work(encoding) } }
    }

    private func work(_ encoding: ClipEncoding) {
        var encoding = encoding
        while true {
            switch queue.wait({ $0.next() }) {
            case .end: return
            case .tell(let event): tell(event)
            case .tokenize(let clip):
                let event = encoding.event(of: clip)
                if queue.withLock({ $0.complete() }) { tell(event) }
            }
        }
    }

    private func tell(_ event: Event) {
        emit(event)
        queue.withLock { $0.told() }
    }

    /// Hands a clip on; blocks while a file's clips have no room.
    func offer(_ clip: TimedClip) {
        if queue.withLock({ $0.offer(clip) }) { return }
        heldBack.wait { queue.wait { $0.offer(clip) ? () : nil } }
    }

    /// Tells an event when it may be told. Never blocks for the tokenizer.
    func tell(_ event: Event, order: Queue.Order) {
        if !queue.withLock({ $0.add(event, order: order) }) { emit(event) }
    }

    /// Waits until everything is told.
    func finish() {
        for event in queue.wait({ $0.finish() }) { emit(event) }
    }

    /// Lets `finish` wait no longer than this from now on; clips that are not tokenized by then are given up.
    func hurry(within time: DispatchTimeInterval) {
        DispatchQueue.global().asyncAfter(deadline: .now() + time) { [queue] in queue.withLock { $0.abandon() } }
    }
}
