internal import Glibc
internal import Media
internal import Memory
internal import Testing

@Suite struct EndlessStreamTests {
    /// Pages of this process that are in memory, in bytes.
    private func residentBytes() throws -> Int {
        let file = try #require(fopen("/proc/self/statm", "r"))
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 256)
        _ = fread(&text, 1, text.count - 1, file)
        let fields = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: " ")
        return try #require(Int(fields[1])) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Four million seconds, 46 days.
    @Test func aMillionClipsTakeConstantMemory() throws {
        var bank = MemoryBank(MemoryLimits(slots: 16))
        var clips = MadeClips()
        // Features from a table, so that most of the time is the bank's.
        let table = (0..<997).map { ClipFeatures(columns: 4, values: Fill.values("\($0)", 16)) }
        var settled = 0
        for number in 0..<1_000_000 {
            try bank.remember(clips.next(table[number % table.count]))
            if number % 10_000 == 9_999 {
                clips.beginSession()
                #expect(bank.count == 16)
            }
            if number == 100_000 { settled = try residentBytes() }
        }
        #expect(bank.count == 16 && bank.bytes < 16 * 1_024)
        #expect(bank.seen == 1_000_000)
        #expect(bank.summary.reduce(0) { $0 + $1.run.weight } == 1_000_000)
        #expect(bank.span?.end.position.seconds == 4_000_000)
        #expect(bank.keptSimilarities == bank.recomputedSimilarities)
        #expect(try residentBytes() - settled < 4 << 20)
    }
}
