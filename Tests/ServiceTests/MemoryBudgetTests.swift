import Models
import Service
import Tensors
import Testing

@Suite struct MemoryBudgetTests {
    @Test func meminfo() {
        let text = "MemTotal:       24689764 kB\nMemFree:  1 kB\nMemAvailable:    2000000 kB\nBuffers: 5 kB\n"
        #expect(MemoryBudget.parse(meminfo: text) == 2_048_000_000)
        #expect(MemoryBudget.parse(meminfo: "MemTotal: 5 kB\n") == nil)
        #expect(MemoryBudget.parse(meminfo: "MemAvailable: many kB\n") == nil)
    }

    @Test("this machine tells how much is left")
    func current() throws {
        let budget = try #require(MemoryBudget.current())
        #expect(budget.available > 0)
    }

    @Test("a model that does not fit is refused with both figures; one that fits is not")
    func refusal() throws {
        var settings = TokenizerSettings(path: "/models/video-lavit")
        settings.precision = .bf16
        let budget = MemoryBudget(available: 2_048_000_000, limit: "memory.max of /sys/fs/cgroup/videowire")
        try TokenizerFactory.checkMemory(2_000_000_000, budget, settings)
        let error = #expect(throws: UnusableTokenizer.self) {
            try TokenizerFactory.checkMemory(3_400_000_000, budget, settings)
        }
        #expect(
            error?.description
                == "/models/video-lavit needs 3.4 GB of memory in bf16, and 2.0 GB are available (memory.max of "
                + "/sys/fs/cgroup/videowire). Free some, or raise the limit. With precision int8 it needs half of that."
        )
    }

    @Test("the published model's tokenizers need what the reference says of their parameters")
    func fullSize() {
        func gigabytes(_ precision: Precision) -> Double {
            let bytes = VideoLaVIT.memory(
                of: VideoLaVITConfiguration(), withMotionDecoder: true, precision: precision, threads: 2)
            return Double(bytes) / 1e9
        }
        // 1.581 G parameters of specs/video-lavit.md, 1.1, and what the work takes.
        #expect((3.2...3.6).contains(gigabytes(.bfloat16)))
        #expect((6.3...6.8).contains(gigabytes(.float32)))
        #expect((1.6...2.1).contains(gigabytes(.int8)))
    }
}
