internal import Dispatch
internal import Synchronization

/// Writes numbered lines to standard output from a queue of its own, so that a slow reader does not hold up a camera.
package final class LineWriter: Sendable {
    /// What happens to the sender when the reader is slow.
    package enum Overflow {
        /// It waits: for files, which can.
        case wait
        /// The oldest lines go, and the reader is told which: for live sources.
        case dropOldest
    }

    private struct State {
        var queue: LineQueue
        var isDraining = false
        var isClosed = false
    }

    private let state: Mutex<State>
    private let output: Mutex<FileOutput>
    private let worker = DispatchQueue(label: "videowire.output")
    /// One permit a free place of the queue, when senders wait.
    private let places: DispatchSemaphore?
    private let ended = DispatchSemaphore(value: 0)
    private let render: @Sendable (String) -> String?
    private let announceLoss: @Sendable (_ from: UInt64, _ to: UInt64) -> String
    private let onClose: @Sendable (FileOutput.Failure?) -> Void

    /// - Parameters:
    ///   - render: what is written for a line, without the newline; nil writes nothing.
    ///   - announceLoss: the line that tells of lost lines.
    ///   - onClose: called once, from any thread, when no more can be written: nil when the reader has gone.
    package init(
        output: consuming FileOutput, overflow: Overflow, capacity: Int = 512,
        render: @escaping @Sendable (String) -> String?,
        announceLoss: @escaping @Sendable (_ from: UInt64, _ to: UInt64) -> String,
        onClose: @escaping @Sendable (FileOutput.Failure?) -> Void
    ) {
        state = Mutex(State(queue: LineQueue(capacity: capacity)))
        self.output = Mutex(output)
        places = overflow == .wait ? DispatchSemaphore(value: capacity) : nil
        self.render = render
        self.announceLoss = announceLoss
        self.onClose = onClose
    }

    /// Queues a line. Blocks the calling thread while the queue is full and the policy is to wait.
    package func write(_ line: String, sequence: UInt64) {
        places?.wait()
        let mustStart = state.withLock { state in
            guard !state.isClosed else { return false }
            state.queue.offer(line, sequence: sequence)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if mustStart { worker.async { self.drain() } }
        if state.withLock({ $0.isClosed }) { places?.signal() }
    }

    /// Waits until everything queued is written, the reader has gone, or `abandon` is called.
    package func finish() {
        worker.async { self.ended.signal() }
        ended.wait()
    }

    /// Gives up on a reader that does not read: what is queued is lost, and nobody waits any more.
    package func abandon() {
        close(nil)
        ended.signal()
    }

    private func drain() {
        while let item = next() {
            let line: String
            switch item {
            case .line(let text):
                line = text
                places?.signal()
            case .lost(let from, let to): line = announceLoss(from, to)
            }
            guard let text = render(line) else { continue }
            do {
                try output.withLock { output throws(FileOutput.Failure) in
                    try output.write((text + "\n").utf8)
                    try output.flush()
                }
            } catch {
                if case .closed = error { close(nil) } else { close(error) }
            }
        }
    }

    private func next() -> LineQueue.Item? {
        state.withLock { state in
            let item = state.isClosed ? nil : state.queue.take()
            if item == nil { state.isDraining = false }
            return item
        }
    }

    private func close(_ error: FileOutput.Failure?) {
        let waiting: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.isClosed = true
            return state.queue.count
        }
        guard let waiting else { return }
        for _ in 0...waiting { places?.signal() }
        onClose(error)
    }
}
