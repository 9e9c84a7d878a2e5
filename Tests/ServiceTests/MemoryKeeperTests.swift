import Events
import Foundation
import Logging
import Media
import Memory
import Service
import Testing
import Tokenization

/// What streams remember, in a file, across restarts.
@Suite struct MemoryKeeperTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "videowire-\(UUID().uuidString)")
    private var log: String { folder.appending(path: "log").path }
    private let tokenizer = PlainTokenizer()

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func keeper() throws -> MemoryKeeper {
        try MemoryKeeper(besideLog: log, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Remembers clips of a session; clip n is taken at 4n to 4n + 4 seconds after 0 UTC.
    private func remember(_ clips: Range<Int>, in memory: StreamMemory, session: Int = 1) throws {
        for index in clips {
            let clip = Clip(index: index, session: session)
            memory.remember(clip, try tokenizer.encode(clip))
        }
    }

    private func same(_ bank: MemoryBank, _ other: MemoryBank?) -> Bool {
        bank == other
            && bank.slots.flatMap(\.features.values).map(\.bitPattern)
                == other?.slots.flatMap(\.features.values).map(\.bitPattern)
    }

    @Test(arguments: [MemoryMerge.clip, .location, .none])
    func aProcessThatIsKilledLeavesTheWholeBank(merge: MemoryMerge) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let limits = MemoryLimits(merge: merge, slots: 7)
        var first = 0
        for session in 1...3 {
            // Nobody closes the one before.
            let keeper = try keeper()
            let memory = keeper.open(stream: "a", tokenizer: tokenizer, limits: limits)
            #expect(memory.snapshot.seen == first)
            try remember(0..<23, in: memory, session: session)
            first += 23
            let bank = try #require(keeper.snapshot(of: "a"))
            #expect(bank.seen == first && bank.count == 7)
            #expect(same(bank, try self.keeper().open(stream: "a", tokenizer: tokenizer, limits: limits).snapshot))
        }
    }

    @Test func streamsRememberApart() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let keeper = try keeper()
        let limits = MemoryLimits(slots: 5)
        let (a, b) = (
            keeper.open(stream: "a", tokenizer: tokenizer, limits: limits),
            keeper.open(stream: "b", tokenizer: tokenizer, limits: limits)
        )
        try remember(0..<9, in: a)
        try remember(0..<3, in: b)
        keeper.close()
        let later = try self.keeper()
        #expect(later.snapshot(of: "a") == nil)
        #expect(same(a.snapshot, later.open(stream: "a", tokenizer: tokenizer, limits: limits).snapshot))
        #expect(same(b.snapshot, later.open(stream: "b", tokenizer: tokenizer, limits: limits).snapshot))
    }

    @Test func aStreamThatBeginsAnewWithOtherLimitsKeepsItsPast() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let keeper = try keeper()
        try remember(0..<30, in: keeper.open(stream: "a", tokenizer: tokenizer, limits: MemoryLimits(slots: 12)))
        for limits in [
            MemoryLimits(slots: 6), MemoryLimits(merge: .location, slots: 4), MemoryLimits(slots: 3),
            MemoryLimits(slots: 8),
        ] {
            let memory = keeper.open(stream: "a", tokenizer: tokenizer, limits: limits)
            let before = memory.snapshot
            #expect(before.count == min(limits.slots, before.count) && before.count >= 3)
            #expect(before.summary.reduce(0) { $0 + $1.run.weight } == before.seen)
            try remember(0..<1, in: memory, session: Int(before.seen))
            #expect(
                same(
                    memory.snapshot,
                    try self.keeper().open(stream: "a", tokenizer: tokenizer, limits: limits).snapshot))
        }
    }

    @Test func anotherTokenizerBeginsAnew() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let keeper = try keeper()
        try remember(0..<5, in: keeper.open(stream: "a", tokenizer: tokenizer, limits: MemoryLimits()))
        let memory = keeper.open(stream: "a", tokenizer: ScalarTokenizer(), limits: MemoryLimits())
        #expect(memory.snapshot.count == 0 && memory.snapshot.seen == 5)
        let clip = Clip(index: 9, session: 1)
        memory.remember(clip, try ScalarTokenizer().encode(clip))
        #expect(memory.snapshot.summary.map(\.run.first) == [5])
        let later = try self.keeper().open(stream: "a", tokenizer: ScalarTokenizer(), limits: MemoryLimits())
        #expect(same(memory.snapshot, later.snapshot))
    }

    private func utc(_ seconds: Int64) -> UTC { UTC(nanoseconds: seconds * 1_000_000_000) }

    /// Whether any file of the memory has the key id of a clip, which is unlike all other numbers there.
    private func isOnDisk(_ index: Int) throws -> Bool {
        let pattern = withUnsafeBytes(of: Int32(PlainTokenizer.id(index)).littleEndian) { Data($0) }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).contains {
            try Data(contentsOf: $0).range(of: pattern) != nil
        }
    }

    @Test(arguments: [true, false])
    func whatIsForgottenIsNotOnTheDisk(isOpen: Bool) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var keeper = try keeper()
        let limits = MemoryLimits(slots: 100)
        try remember(0..<20, in: keeper.open(stream: "a", tokenizer: tokenizer, limits: limits))
        if !isOpen {
            keeper.close()
            keeper = try self.keeper()
        }
        #expect(try (0..<20).allSatisfy { try isOnDisk($0) })
        #expect(try keeper.forget(stream: "a", from: utc(20), to: utc(40)) == 5)
        #expect(try (0..<20).filter { try isOnDisk($0) } == Array(0..<5) + Array(10..<20))
        #expect(try keeper.forget(stream: "nobody", from: utc(0), to: utc(400)) == 0)
        let bank = try self.keeper().open(stream: "a", tokenizer: tokenizer, limits: limits).snapshot
        #expect(bank.summary.map(\.run.first) == Array(0..<5) + Array(10..<20))
        #expect(bank.seen == 20)
    }

    // MARK: - Another process asks

    private var lock: String { log + ".memory.lock" }

    /// What the command does, in a process beside the daemon's.
    private var eraser: MemoryEraser {
        MemoryEraser(besideLog: log, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Clips of which nothing is left in any file.
    private func gone(_ clips: Range<Int>) throws -> [Int] { try clips.filter { try !isOnDisk($0) } }

    @Test func aRunningDaemonErasesWhatAnotherProcessAsksFor() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let lock = try FileLock(path: lock)
        let daemon = try keeper()
        let limits = MemoryLimits(slots: 100)
        let memory = daemon.open(stream: "a", tokenizer: tokenizer, limits: limits)
        let other = daemon.open(stream: "b", tokenizer: tokenizer, limits: limits)
        try remember(0..<20, in: memory)
        try remember(20..<22, in: other)

        #expect(try eraser.count(stream: "a", from: utc(20), to: utc(40)) == 5)
        #expect(try eraser.count(stream: "nobody", from: utc(0), to: utc(400)) == 0)
        let request = try #require(try eraser.ask(stream: "a", from: utc(20), to: utc(40)))
        #expect(try !request.finish(within: .zero))
        #expect(try gone(0..<22).isEmpty && memory.snapshot.count == 20)

        // What comes between is kept.
        try remember(22..<24, in: memory)
        try daemon.eraseWhatWasAskedFor()
        #expect(try gone(0..<24) == Array(5..<10))
        #expect(memory.snapshot.summary.map(\.run.first) == Array(0..<5) + Array(10..<22))
        #expect(other.snapshot.count == 2)
        #expect(try request.finish(within: .zero))
        #expect(try eraser.count(stream: "a", from: utc(20), to: utc(40)) == 0)

        // It does not come back with what is written next.
        try remember(24..<26, in: memory)
        daemon.close()
        lock.unlock()
        #expect(try gone(0..<26) == Array(5..<10))
        let later = try keeper().open(stream: "a", tokenizer: tokenizer, limits: limits).snapshot
        #expect(same(memory.snapshot, later))
    }

    @Test func theCommandErasesWhereNoDaemonRuns() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try eraser.ask(stream: "a", from: utc(0), to: utc(9)) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        let first = try keeper()
        try remember(0..<20, in: first.open(stream: "a", tokenizer: tokenizer, limits: MemoryLimits(slots: 100)))
        first.close()
        let request = try #require(try eraser.ask(stream: "a", from: utc(20), to: utc(40)))
        #expect(try request.finish(within: .zero))
        #expect(try gone(0..<20) == Array(5..<10))
        // The lock is free again, for a daemon.
        _ = try FileLock(path: lock)
        let bank = try keeper().open(stream: "a", tokenizer: tokenizer, limits: MemoryLimits(slots: 100)).snapshot
        #expect(bank.summary.map(\.run.first) == Array(0..<5) + Array(10..<20))
    }

    @Test func aDaemonThatIsKilledBeforeItHasErasedDoesSoWhenItStarts() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let limits = MemoryLimits(slots: 100)
        do {
            // Nobody closes it.
            let lock = try FileLock(path: lock)
            let killed = try keeper()
            try remember(0..<20, in: killed.open(stream: "a", tokenizer: tokenizer, limits: limits))
            let request = try #require(try eraser.ask(stream: "a", from: utc(20), to: utc(40)))
            #expect(try !request.finish(within: .zero))
            withExtendedLifetime(lock) {}
        }
        #expect(try gone(0..<20).isEmpty)
        let next = try keeper()
        #expect(try gone(0..<20) == Array(5..<10))
        let memory = next.open(stream: "a", tokenizer: tokenizer, limits: limits)
        #expect(memory.snapshot.summary.map(\.run.first) == Array(0..<5) + Array(10..<20))
        // Asked once, done once: what is taken later in the same span of time is kept.
        try remember(5..<6, in: memory, session: 2)
        try next.eraseWhatWasAskedFor()
        #expect(memory.snapshot.count == 16)
    }

    @Test func aFileOfTheVersionBeforeIsBroughtUpToDate() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let limits = MemoryLimits(slots: 100)
        let first = try keeper()
        let bank = first.open(stream: "a", tokenizer: tokenizer, limits: limits)
        try remember(0..<20, in: bank)
        first.close()
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/python3")
        let script = """
            import sqlite3, sys
            d = sqlite3.connect(sys.argv[1])
            d.executescript("DROP TABLE erasures; PRAGMA user_version = 1")
            """
        python.arguments = ["-c", script, log + ".memory"]
        try python.run()
        python.waitUntilExit()
        #expect(python.terminationStatus == 0)

        // Who only looks changes nothing.
        #expect(try eraser.count(stream: "a", from: utc(20), to: utc(40)) == 5)
        let later = try keeper()
        #expect(same(bank.snapshot, later.open(stream: "a", tokenizer: tokenizer, limits: limits).snapshot))
        later.close()
        let request = try #require(try eraser.ask(stream: "a", from: utc(20), to: utc(40)))
        #expect(try request.finish(within: .zero) && gone(0..<20) == Array(5..<10))
    }

    @Test func aDamagedFileIsToldAndNeverTrusted() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let keeper = try keeper()
        let limits = MemoryLimits(slots: 10)
        try remember(0..<30, in: keeper.open(stream: "a", tokenizer: tokenizer, limits: limits))
        keeper.close()
        let path = log + ".memory"
        let whole = try Data(contentsOf: URL(filePath: path))
        var random = Dice(state: 1)
        var refused = 0
        for number in 0..<300 {
            var bytes = whole
            // From single bits to runs of random bytes, and cut-off files.
            for _ in 0..<(1 + number % 20) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            if number % 10 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
            try bytes.write(to: URL(filePath: path))
            for companion in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + companion) }
            do {
                let keeper = try self.keeper()
                let memory = keeper.open(stream: "a", tokenizer: tokenizer, limits: limits)
                try remember(0..<2, in: memory, session: 99)
                _ = try? keeper.forget(stream: "a", from: utc(0), to: utc(40))
                keeper.close()
            } catch let error as MemoryStoreError {
                refused += 1
                #expect(error.description.contains(path))
            }
        }
        #expect(refused > 20)
    }
}

/// The same numbers in every run (Knuth's MMIX constants).
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 32
    }
}

/// Two ids a clip, from its index.
private struct PlainTokenizer: ClipTokenizer {
    static func id(_ index: Int) -> Int { 0x5EC2_0000 + 257 * index }

    var description: TokenizerDescription {
        TokenizerDescription(
            id: "plain", weightHash: "0123", keyVocabulary: 1, motionVocabulary: 1, keyGrid: [1, 1],
            motionGrid: [1, 1],
            maximumMotionIDs: 1, keyIDs: 1)
    }

    func encode(_ clip: Clip) throws -> ClipTokens {
        ClipTokens(key: [Self.id(clip.index)], motion: [clip.session])
    }

    func decode(_ tokens: ClipTokens) throws -> DecodedClip { DecodedClip(fields: [], thumbnail: nil) }

    func keyFeatures(of tokens: ClipTokens) throws -> ClipFeatures {
        let number = Float(tokens.key[0] & 0xFFFF) / 257
        return ClipFeatures(
            columns: 2, values: (0..<6).map { (number * Float($0 + 1) * 0.37).truncatingRemainder(dividingBy: 3) - 1 })
    }
}

extension Clip {
    fileprivate init(index: Int, session: Int) {
        let start = Clip.duration * Int64(index)
        let end = start + Clip.duration
        self.init(
            session: session, index: index, start: start, end: end, isComplete: true, cut: .time, frames: 100,
            startsOnKey: true, hasBFrames: false, video: VideoFormat(codec: .h264, width: 16, height: 16),
            key: KeyPicture(
                picture: Picture(
                    pts: start, type: .intra, width: 16, height: 16, matrix: .bt601, isFullRange: true,
                    planes: [Picture.Plane(width: 16, height: 16, bytes: [UInt8](repeating: 128, count: 256))]),
                kind: .intra, isFiltered: true),
            fields: (0..<Clip.fieldCount).map {
                MotionField(
                    start: start + Clip.fieldDuration * Int64($0), end: start + Clip.fieldDuration * Int64($0 + 1))
            },
            motion: MotionSummary(source: .codec, coverage: 1, isReferenceAmbiguous: false, framesPerSecond: 25),
            capture: CaptureSpan(
                start: UTC(nanoseconds: start.nanoseconds), end: UTC(nanoseconds: end.nanoseconds), source: .arrival,
                errorMilliseconds: 1, newestArrival: UTC(nanoseconds: end.nanoseconds)),
            quality: ClipQuality())
    }
}
