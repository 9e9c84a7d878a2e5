internal import Media
internal import Memory
internal import Testing

@Suite struct MemoryBankTests {
    private static let merging: [MemoryMerge] = [.clip, .location]

    private func filled(
        _ limits: MemoryLimits, clips count: Int, locations: Int = 6, channels: Int = 5, seed: UInt64 = 1,
        check: (MemoryBank) throws -> Void = { _ in }
    ) throws -> MemoryBank {
        var bank = MemoryBank(limits)
        var clips = MadeClips(seed: seed)
        for _ in 0..<count {
            try bank.remember(clips.next(locations: locations, channels: channels))
            try check(bank)
        }
        return bank
    }

    @Test(arguments: merging, [1, 2, 7, 16])
    func neverLargerThanItsLimitsAndNothingIsLost(merge: MemoryMerge, slots: Int) throws {
        var count = 0
        var sum = [Double](repeating: 0, count: 30)
        var clips = MadeClips(seed: 7)
        var bank = MemoryBank(MemoryLimits(merge: merge, slots: slots))
        for _ in 0..<300 {
            let clip = clips.next(locations: 6, channels: 5)
            for (place, value) in clip.features.values.enumerated() { sum[place] += Double(value) }
            try bank.remember(clip)
            count += 1
            #expect(bank.count == min(count, slots))
            #expect(bank.bytes <= bank.limits.bytes)
            let kept = bank.slots
            // Of each location: how many clips, and the sum of their features.
            for location in 0..<6 {
                let weights = kept.map { $0.runs.count == 1 ? $0.runs[0].weight : $0.runs[location].weight }
                #expect(weights.reduce(0, +) == count)
                for place in location * 5..<location * 5 + 5 {
                    let total = zip(kept, weights).reduce(0) { $0 + Double($1.0.features.values[place]) * Double($1.1) }
                    #expect(abs(total - sum[place]) < 1e-3)
                }
            }
        }
    }

    @Test(arguments: merging)
    func similaritiesAreKeptAsIfComputedAnew(merge: MemoryMerge) throws {
        _ = try filled(MemoryLimits(merge: merge, slots: 9), clips: 200) { bank in
            #expect(bank.keptSimilarities == bank.recomputedSimilarities)
        }
    }

    @Test(arguments: merging)
    func spansTileThePast(merge: MemoryMerge) throws {
        var bank = MemoryBank(MemoryLimits(merge: merge, slots: 8))
        var clips = MadeClips()
        for number in 0..<250 {
            try bank.remember(clips.next(locations: 4, channels: 4))
            let records = bank.summary
            #expect(records.first?.run.first == 0 && records.first?.span.start.position == .zero)
            for (record, next) in zip(records, records.dropFirst()) {
                #expect(next.run.first == record.run.last + 1)
                #expect(next.span.start.position == record.span.end.position)
                #expect(next.span.start.time == record.span.end.time)
                #expect(next.span.start.clip == record.span.end.clip + 1)
            }
            #expect(records.last?.run.last == Int64(number))
            #expect(records.last?.span.end.time == clips.start)
            for record in records { #expect(record.run.weight == record.run.last - record.run.first + 1) }
        }
    }

    @Test func gapsAreKeptByMediaTimeInASessionAndByUTCBetweenSessions() throws {
        var bank = MemoryBank(MemoryLimits(slots: 100))
        var clips = MadeClips(utc: UTC(nanoseconds: 1_800_000_000_000_000_000))
        try bank.remember(clips.next(locations: 1, channels: 2))
        clips.start = clips.start + MediaTime(seconds: 30)
        try bank.remember(clips.next(locations: 1, channels: 2))
        clips.beginSession(after: MediaTime(seconds: 600))
        // The new session's media time begins at 777 units, and so does its UTC.
        try bank.remember(clips.next(locations: 1, channels: 2))
        clips.utc = nil
        clips.beginSession()
        try bank.remember(clips.next(locations: 1, channels: 2))
        let seconds = bank.summary.map { [$0.span.start.position.seconds, $0.span.end.position.seconds] }
        #expect(seconds[0] == [0, 4])
        #expect(seconds[1] == [34, 38])
        #expect(abs(seconds[2][0] - 638 - 777.0 / 90_000) < 1e-4)
        // Where UTC does not tell, sessions follow each other without a hole.
        #expect(seconds[3][0] == seconds[2][1])

        // A time of any remembered session has its place, also one that is just coming.
        #expect(bank.position(of: MediaTime(seconds: 2), session: 1)?.seconds == 2)
        #expect(bank.position(of: MediaTime(seconds: 36), session: 1)?.seconds == 36)
        let now = bank.position(of: clips.start + MediaTime(seconds: 3), session: 3)
        #expect(now?.units == (bank.span?.end.position.units ?? 0) + 270_000)
        #expect(bank.position(of: .zero, session: 9) == nil)
    }

    @Test func aClockThatWasSetBackMakesNoHole() throws {
        var bank = MemoryBank()
        var clips = MadeClips(utc: UTC(nanoseconds: 1_800_000_000_000_000_000))
        try bank.remember(clips.next(locations: 1, channels: 2))
        clips.beginSession()
        clips.utc = UTC(nanoseconds: 1_700_000_000_000_000_000)
        try bank.remember(clips.next(locations: 1, channels: 2))
        #expect(bank.summary.map(\.span.start.position.seconds) == [0, 4])
    }

    @Test func oldScenesStayWhereStillOnesShrink() throws {
        var bank = MemoryBank(MemoryLimits(slots: 5))
        var clips = MadeClips()
        // Two short events in a long still scene.
        for number in 0..<500 {
            let values: [Float] =
                number == 20 ? [-1, 3] : number == 60 ? [4, -1] : [1, 1 + 0.001 * Float(number % 3)]
            try bank.remember(clips.next(ClipFeatures(columns: 2, values: values)))
        }
        // Each event has a slot of its own; the scene has one before, between and after them that shrink to what room is left.
        for event in [20, 60] as [Int64] {
            #expect(bank.summary.contains { $0.run == MemoryRun(first: event, last: event, weight: 1) })
        }
    }

    @Test func theHeavierSlotsIdsRemainAndOfEqualOnesTheNewers() throws {
        var bank = MemoryBank(MemoryLimits(slots: 1))
        var clips = MadeClips()
        let still = ClipFeatures(columns: 1, values: [1])
        var ids: [[Int]] = []
        for key in [10, 11, 12, 13] {
            try bank.remember(clips.next(still, key: [key]))
            ids.append(bank.slots[0].key)
        }
        // 1 and 1: the newer; 2 and 1, 3 and 1: the heavier.
        #expect(ids == [[10], [11], [11], [11]])
        #expect(bank.slots[0].weight == 4)
    }

    @Test func withoutMergingTheNewestRemain() throws {
        let limits = MemoryLimits(merge: .none, slots: MemoryLimits.newestSlots)
        let bank = try filled(limits, clips: 50)
        #expect(bank.summary.map(\.run) == (46..<50).map { MemoryRun(first: $0, last: $0, weight: 1) })
        #expect(bank.seen == 50)
        #expect(bank.slots.map(\.key) == (46..<50).map { [$0, 1] })
    }

    @Test(arguments: MemoryMerge.allCases)
    func aRestartGivesTheSameBank(merge: MemoryMerge) throws {
        var bank = try filled(MemoryLimits(merge: merge, slots: 6), clips: 77)
        var copy = try bank.restored()
        #expect(copy == bank)
        var clips = MadeClips(seed: 99)
        clips.beginSession()
        for _ in 0..<40 {
            let clip = clips.next(locations: 6, channels: 5)
            try bank.remember(clip)
            try copy.remember(clip)
        }
        #expect(copy == bank)
        #expect(
            copy.slots.flatMap(\.features.values).map(\.bitPattern)
                == bank.slots.flatMap(\.features.values).map(\.bitPattern))
    }

    @Test(arguments: MemoryMerge.allCases, MemoryMerge.allCases)
    func otherLimitsTakeTheSlotsOfBefore(from: MemoryMerge, to: MemoryMerge) throws {
        let bank = try filled(MemoryLimits(merge: from, slots: 12), clips: 60)
        var copy = try bank.restored(MemoryLimits(merge: to, slots: 5))
        #expect(copy.count == 5 && copy.seen == 60)
        #expect(copy.keptSimilarities == copy.recomputedSimilarities)
        #expect(copy.summary.last?.run.last == 59)
        var clips = MadeClips()
        clips.beginSession()
        try copy.remember(clips.next(locations: 6, channels: 5))
        #expect(copy.summary.last?.run.last == 60)
    }

    @Test func bytesAreALimitToo() throws {
        let one = try filled(MemoryLimits(slots: 100), clips: 1).bytes
        let bank = try filled(MemoryLimits(slots: 100, bytes: 7 * one + one / 2), clips: 60) { bank in
            #expect(bank.bytes <= bank.limits.bytes)
        }
        #expect(bank.count == 7)
        #expect(bank.summary.reduce(0) { $0 + $1.run.weight } == 60)
        #expect(throws: MemoryError.self) { try filled(MemoryLimits(bytes: one - 1), clips: 1) }
    }

    @Test func whatDoesNotFitIsRefusedAndChangesNothing() throws {
        var bank = try filled(MemoryLimits(slots: 4), clips: 9)
        let before = bank
        var clips = MadeClips()
        #expect(throws: MemoryError.shape(locations: 5, channels: 6, expected: [6, 5])) {
            try bank.remember(clips.next(locations: 5, channels: 6))
        }
        let notANumber = ClipFeatures(columns: 5, values: Array(repeating: .nan, count: 30))
        #expect(throws: MemoryError.notFinite) { try bank.remember(clips.next(notANumber)) }
        #expect(throws: MemoryError.self) { try bank.remember(clips.next(ClipFeatures(columns: 7, values: []))) }
        #expect(bank == before)
    }

    @Test func timesBeyondAllMeasureDoNotTrap() throws {
        var bank = MemoryBank(MemoryLimits(slots: 2))
        var clips = MadeClips()
        for start in [0, Int64.max - 1_000_000, Int64.min, 0, 5] {
            clips.start = MediaTime(units: start)
            try bank.remember(clips.next(ClipFeatures(columns: 1, values: [1])))
        }
        #expect(bank.count == 2)
        _ = bank.position(of: MediaTime(units: .min), session: 1)
        let tokens = TemporalTokens(span: try #require(bank.span))
        #expect(tokens.token(for: MemoryTime(units: .max)) == 300)
    }

    // MARK: - Forgetting

    /// Clip n of the bank was taken from 4n to 4n + 4 seconds after 0 UTC.
    private func bankWithUTC(_ merge: MemoryMerge, slots: Int, clips count: Int) throws -> MemoryBank {
        var bank = MemoryBank(MemoryLimits(merge: merge, slots: slots))
        var clips = MadeClips(utc: UTC(nanoseconds: 0))
        for _ in 0..<count { try bank.remember(clips.next(locations: 6, channels: 5)) }
        return bank
    }

    private func utc(_ seconds: Int64) -> UTC { UTC(nanoseconds: seconds * 1_000_000_000) }

    @Test func forgettingErasesWhatWasTakenThen() throws {
        var bank = try bankWithUTC(.clip, slots: 100, clips: 20)
        #expect(bank.forget(from: utc(39), to: utc(45)) == 3)
        // 36–40, 40–44, 44–48; a clip that ends where the span begins stays.
        #expect(bank.summary.map(\.run.first) == Array(0...8) + Array(12...19))
        #expect(bank.keptSimilarities == bank.recomputedSimilarities)
        #expect(bank.forget(from: utc(36), to: utc(48)) == 0)
        #expect(bank.forget(from: utc(0), to: utc(4)) == 1)
        #expect(try bank.restored() == bank)
        var clips = MadeClips()
        (clips.index, clips.start) = (20, MediaTime(seconds: 80))
        try bank.remember(clips.next(locations: 6, channels: 5))
        #expect(bank.summary.last?.run.first == 20)
        #expect(bank.summary.last?.span.start.position.seconds == 80)
    }

    @Test func aMergedSlotIsErasedWhole() throws {
        for merge in Self.merging {
            var bank = try bankWithUTC(merge, slots: 5, clips: 100)
            let forgotten = bank.summary[2].run
            let middle = 4 * (forgotten.first + forgotten.last) / 2 + 1
            #expect(bank.forget(from: utc(middle), to: utc(middle + 1)) > 0)
            // No location of any slot stands for a clip of the forgotten slot.
            for slot in bank.slots {
                for run in slot.runs + [slot.record.run] {
                    #expect(run.last < forgotten.first || run.first > forgotten.last)
                }
            }
            bank.forget(from: utc(0), to: utc(1_000))
            #expect(bank.slots.isEmpty && bank.span == nil)
        }
    }

    @Test func withoutUTCWhatWasRememberedThenIsErased() throws {
        var bank = try filled(MemoryLimits(slots: 100), clips: 10)
        // Clip n was remembered n seconds after 0 UTC.
        #expect(bank.forget(from: UTC(nanoseconds: 2_500_000_000), to: UTC(nanoseconds: 4_500_000_000)) == 2)
        #expect(bank.summary.map(\.run.first) == [0, 1, 2, 5, 6, 7, 8, 9])
    }
}
