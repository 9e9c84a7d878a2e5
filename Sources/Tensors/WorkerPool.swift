internal import Foundation
internal import Synchronization

/// Threads that share out the tasks of a computation.
///
/// Tasks are handed out one by one, so a thread that has to give way to others holds nobody up for long. The threads run at a
/// lower priority than those that decode live streams. A computation occupies the pool as a whole; others wait for their turn.
public final class WorkerPool: Sendable {
    private let shared: Shared
    private let workers: [Worker]
    public var threads: Int { workers.count }

    /// One a processor that this process may use.
    public static var defaultThreads: Int { max(ProcessInfo.processInfo.activeProcessorCount, 1) }

    /// - Parameters:
    ///   - threads: at least one.
    ///   - niceness: 0…19, how far the threads give way to others.
    ///   - level: the instructions that its workers use.
    public init(threads: Int, niceness: Int = 10, level: InstructionLevel = .best) {
        let workers = (0..<max(threads, 1)).map { Worker(index: $0, level: level) }
        let shared = Shared(helpers: workers.count - 1)
        self.workers = workers
        self.shared = shared
        startThread("vw-tensor-0") {
            lowerPriority(to: niceness)
            while let job = shared.nextJob() { job() }
        }
        for worker in workers.dropFirst() {
            startThread("vw-tensor-\(worker.index)") {
                lowerPriority(to: niceness)
                shared.help(worker)
            }
        }
    }

    deinit { shared.stop() }

    /// Runs a computation on the pool's first thread, after those that were asked for before it, and waits for its end.
    ///
    /// It blocks the calling thread: call it on a thread of your own, never from asynchronous code.
    public func perform<Result: Sendable>(_ body: @escaping @Sendable (Engine) -> Result) -> Result {
        var result: Result?
        shared.submitAndWait { result = body(Engine(pool: self)) }
        guard let result else { preconditionFailure("the pool was stopped while it was in use") }
        return result
    }

    /// The worker that a computation itself runs on.
    var first: Worker { workers[0] }

    func forEach(_ count: Int, _ body: @Sendable (_ task: Int, _ worker: Worker) -> Void) {
        guard count > 1, workers.count > 1 else {
            for task in 0..<count { body(task, workers[0]) }
            return
        }
        withoutActuallyEscaping(body) { body in
            shared.share(count, body, with: workers[0])
        }
    }
}

/// What the threads of a pool have in common.
private final class Shared: @unchecked Sendable {
    typealias Body = @Sendable (Int, Worker) -> Void

    private let helpers: Int
    /// Counts the rounds of tasks; helpers wait for it to go on.
    private let round = Atomic<Int>(0)
    private let nextTask = Atomic<Int>(0)
    /// Helpers that have not finished the round yet.
    private let busy = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)
    /// Written by the first thread before a round starts, read by helpers in it.
    private var body: Body?
    private var count = 0

    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var jobs: [() -> Void] = []

    init(helpers: Int) {
        self.helpers = helpers
        lock = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    private func wait(while condition: () -> Bool) {
        while condition() { pthread_cond_wait(changed, lock) }
    }

    // MARK: Computations

    func nextJob() -> (() -> Void)? {
        locked {
            wait { jobs.isEmpty && !isStopped.load(ordering: .relaxed) }
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }

    func submitAndWait(_ job: @escaping () -> Void) {
        var isDone = false
        locked {
            jobs.append {
                job()
                self.locked {
                    isDone = true
                    _ = pthread_cond_broadcast(self.changed)
                }
            }
            pthread_cond_broadcast(changed)
            wait { !isDone }
        }
    }

    func stop() {
        locked {
            isStopped.store(true, ordering: .relaxed)
            round.add(1, ordering: .releasing)
            _ = pthread_cond_broadcast(changed)
        }
    }

    // MARK: Tasks

    func share(_ count: Int, _ body: @escaping Body, with worker: Worker) {
        self.body = body
        self.count = count
        nextTask.store(0, ordering: .relaxed)
        busy.store(helpers, ordering: .relaxed)
        // A helper that sleeps checks the round under the lock before it does.
        round.add(1, ordering: .sequentiallyConsistent)
        locked { _ = pthread_cond_broadcast(changed) }
        work(worker)
        spin { busy.load(ordering: .acquiring) == 0 }
        if busy.load(ordering: .acquiring) > 0 {
            locked { wait { busy.load(ordering: .acquiring) > 0 } }
        }
        self.body = nil
    }

    func help(_ worker: Worker) {
        var seen = 0
        while true {
            spin { round.load(ordering: .acquiring) != seen }
            if round.load(ordering: .acquiring) == seen {
                locked { wait { round.load(ordering: .acquiring) == seen } }
            }
            if isStopped.load(ordering: .acquiring) { return }
            seen = round.load(ordering: .acquiring)
            work(worker)
            if busy.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
                locked { _ = pthread_cond_broadcast(changed) }
            }
        }
    }

    private func work(_ worker: Worker) {
        guard let body else { return }
        while true {
            let task = nextTask.add(1, ordering: .relaxed).oldValue
            guard task < count else { return }
            body(task, worker)
        }
    }

    /// Waits a few microseconds, which is how far apart the steps of a model are, before a thread goes to sleep.
    private func spin(_ isOver: () -> Bool) {
        for _ in 0..<500 {
            if isOver() { return }
            sched_yield()
        }
    }
}

private func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.start()
}

private func lowerPriority(to niceness: Int) {
    // On Linux a thread's own; a refusal leaves it as it is.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Int32(niceness))
}
