import Service
import Testing

@Suite struct TokenQueueTests {
    /// A queue, and what the thread that tokenizes does with it.
    private final class Subject {
        private var queue: TokenQueue<Int, String>

        init(lossless: Bool = false) {
            queue = TokenQueue(capacity: 2, isLossless: lossless) { "gave up \($0)" }
        }

        var isIdle: Bool { queue.isIdle }
        func offer(_ clip: Int) -> Bool { queue.offer(clip) }
        func add(_ message: String, _ order: TokenQueue<Int, String>.Order) -> Bool { queue.add(message, order: order) }
        func complete() -> Bool { queue.complete() }
        func told() { queue.told() }
        func abandon() { queue.abandon() }
        func finish() -> [String]? { queue.finish() }

        /// Works up to where it has to wait, or up to a clip that it leaves at work.
        func work(stoppingAt stop: Int? = nil) -> [String] {
            var told: [String] = []
            while let step = queue.next() {
                switch step {
                case .end: return told + ["end"]
                case .tell(let message): told.append(message)
                case .tokenize(let clip):
                    if clip == stop { return told }
                    if queue.complete() { told.append("tokens \(clip)") }
                }
                queue.told()
            }
            return told
        }
    }

    @Test("what can be told at once is not queued")
    func idle() {
        let queue = Subject()
        #expect(!queue.add("state", .boundary) && !queue.add("caption", .any) && queue.isIdle)
    }

    @Test("of a camera two clips wait; then the oldest waiting one is given up, and that is told in its place")
    func busy() {
        let queue = Subject()
        #expect(queue.offer(0))
        #expect(queue.work(stoppingAt: 0) == [])
        for clip in 1...4 { #expect(queue.offer(clip)) }
        #expect(queue.complete())
        queue.told()
        #expect(queue.work() == ["gave up 1", "gave up 2", "tokens 3", "tokens 4"])
        #expect(queue.isIdle)
    }

    @Test("a file's third clip has to wait, and none is given up")
    func lossless() {
        let queue = Subject(lossless: true)
        #expect(queue.offer(0) && queue.offer(1) && !queue.offer(2))
        #expect(queue.work(stoppingAt: 0) == [])
        #expect(queue.offer(2) && !queue.offer(3))
        #expect(queue.complete())
        queue.told()
        #expect(queue.work() == ["tokens 1", "tokens 2"])
    }

    @Test("captions overtake clips, gaps do not, and nothing overtakes the start of a session")
    func order() {
        let queue = Subject()
        #expect(queue.offer(0))
        #expect(!queue.add("caption", .any))
        #expect(queue.add("gap", .afterClips))
        #expect(!queue.add("caption", .any))
        #expect(queue.add("session", .boundary))
        #expect(queue.add("late caption", .any))
        #expect(queue.offer(1))
        #expect(queue.work() == ["tokens 0", "gap", "session", "late caption", "tokens 1"])
        #expect(!queue.add("caption", .any))
    }

    @Test("of a file all events stand in the order of the media, so that two readings give the same lines")
    func fileOrder() {
        let queue = Subject(lossless: true)
        #expect(queue.offer(0))
        #expect(queue.add("caption", .any))
        #expect(queue.work() == ["tokens 0", "caption"])
    }

    @Test("at the end everything is waited for, and nothing more is done")
    func end() {
        let queue = Subject()
        #expect(queue.offer(0))
        #expect(queue.finish() == nil)
        #expect(queue.work() == ["tokens 0"])
        #expect(queue.finish() == [])
        #expect(queue.work() == ["end"])
    }

    @Test("when time is up, what waits is told as given up, the clip at work too, and its tokens come to nothing")
    func abandonment() {
        let queue = Subject()
        #expect(queue.offer(0) && queue.offer(1))
        #expect(queue.work(stoppingAt: 0) == [])
        #expect(queue.add("session", .boundary))
        queue.abandon()
        #expect(queue.finish() == ["gave up 0", "gave up 1", "session"])
        #expect(!queue.complete())
        #expect(queue.work() == ["end"])
    }

    @Test("an event that is being told when time is up is told once")
    func telling() {
        let queue = Subject()
        #expect(queue.offer(0) && queue.offer(1))
        #expect(queue.work(stoppingAt: 0) == [])
        #expect(queue.complete())
        queue.abandon()
        #expect(queue.finish() == nil)
        queue.told()
        #expect(queue.finish() == ["gave up 1"])
    }

    @Test("after that a clip does not wait for room")
    func offerAfterAbandonment() {
        let queue = Subject(lossless: true)
        #expect(queue.offer(0) && queue.offer(1))
        queue.abandon()
        #expect(queue.offer(2))
        #expect(queue.finish() == ["gave up 0", "gave up 1", "gave up 2"])
    }
}
