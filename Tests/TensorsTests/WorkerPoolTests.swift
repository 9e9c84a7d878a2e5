import Foundation
import Synchronization
import Tensors
import Testing

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 5]) func everyTaskIsDoneOnce(threads: Int) {
        let pool = WorkerPool(threads: threads)
        for count in [0, 1, 2, 7, 1000] {
            let counts = pool.perform { engine -> [Float] in
                let done = engine.workspace.matrix(rows: 1, columns: count)
                done.fill(Array(repeating: 0, count: count))
                engine.forEach(count) { task, _ in done[0, task] += 1 }
                return done.values
            }
            #expect(counts == Array(repeating: 1, count: count))
        }
    }

    @Test("computations asked for at the same time wait for each other")
    func oneComputationAtATime() {
        let pool = WorkerPool(threads: 2)
        let running = Counts()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            pool.perform { _ in
                running.begin()
                usleep(2000)
                running.end()
            }
        }
        #expect(running.most == 1)
        #expect(running.all == 8)
    }

    @Test("a workspace gives the same memory again after a scope, and none twice inside one")
    func workspaceScopes() {
        let workspace = Workspace()
        let first = workspace.scope { workspace.matrix(rows: 100, columns: 100).base }
        workspace.scope {
            let again = workspace.matrix(rows: 100, columns: 100)
            #expect(again.base == first)
            let inner = workspace.scope { workspace.matrix(rows: 3000, columns: 3000) }
            #expect(inner.base != again.base)
            again.fill(Array(repeating: 1, count: 10_000))
            workspace.matrix(rows: 3000, columns: 3000).fill(Array(repeating: 2, count: 9_000_000))
            #expect(again.values.allSatisfy { $0 == 1 })
        }
        let capacity = workspace.capacity
        for _ in 0..<10 { workspace.scope { _ = workspace.matrix(rows: 3000, columns: 3000) } }
        #expect(workspace.capacity == capacity)
    }

    private final class Counts: Sendable {
        private let counts = Mutex((now: 0, most: 0, all: 0))
        var most: Int { counts.withLock { $0.most } }
        var all: Int { counts.withLock { $0.all } }

        func begin() {
            counts.withLock { counts in
                counts.now += 1
                counts.most = max(counts.most, counts.now)
                counts.all += 1
            }
        }

        func end() { counts.withLock { $0.now -= 1 } }
    }
}
