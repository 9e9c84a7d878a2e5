import Foundation
import Testing

/// Thousands of damaged inputs through the real code: each gives an error or works; none traps, none hangs.
///
/// `FUZZ_FACTOR` multiplies their number, `FUZZ_SEED` makes others, `FUZZ_KINDS` (e.g. `media,log`) chooses: see `make fuzz`.
@Suite struct MutationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_261_121
    private static let factor = environment["FUZZ_FACTOR"].flatMap { Int($0) } ?? 1
    private static let kinds = environment["FUZZ_KINDS"].map { $0.split(separator: ",").map { String($0) } }

    @Test(arguments: [
        ("media", 1_500, 50), ("settings", 3_000, 500), ("subscribe", 3_500, 500), ("decode", 1_000, 100),
        ("log", 400, 100),
    ])
    func noInputTrapsOrHangs(kind: String, count: Int, batch: Int) async throws {
        guard Self.kinds?.contains(kind) != false else { return }
        let seeds = try SeedFiles(kind)
        let batches = Batches(0..<count * Self.factor, of: batch)
        let used = Tally()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                group.addTask {
                    while let range = await batches.next(), await used.findings.count < 20 {
                        let worker = Worker(kind: kind, seeds: seeds.folder, seed: Self.seed)
                        let (count, findings) = await worker.run(range)
                        await used.add(count, findings)
                    }
                }
            }
        }
        for finding in await used.findings { Issue.record("\(finding)") }
        if await used.findings.count < 20 { #expect(await used.count == count * Self.factor) }
    }

    private actor Batches {
        private var rest: Range<Int>
        private let size: Int

        init(_ all: Range<Int>, of size: Int) {
            rest = all
            self.size = size
        }

        func next() -> Range<Int>? {
            guard !rest.isEmpty else { return nil }
            defer { rest = min(rest.lowerBound + size, rest.upperBound)..<rest.upperBound }
            return rest.lowerBound..<min(rest.lowerBound + size, rest.upperBound)
        }
    }

    private actor Tally {
        private(set) var count = 0
        private(set) var findings: [Worker.Finding] = []

        func add(_ count: Int, _ findings: [Worker.Finding]) {
            self.count += count
            self.findings += findings
        }
    }
}
