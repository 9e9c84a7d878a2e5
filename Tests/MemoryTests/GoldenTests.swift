internal import Media
internal import Memory
internal import Testing

/// The specification's golden numbers, measured on the paper's own code (specs/ma-lmm.md §11 A and B).
@Suite struct GoldenTests {
    private static let sizes: [[Int64]] = [[1, 2, 1], [3, 1, 1], [1, 1, 4], [2, 1, 1], [1, 1, 1]]

    /// A bank that had features [slot][location][channel] with sizes [slot][location], and now has a limit.
    private func bank(_ values: [Float], sizes: [[Int64]], channels: Int, limit: Int) throws -> MemoryBank {
        let width = sizes[0].count * channels
        let slots = sizes.enumerated().map { slot, weights in
            let time = Int64(slot)
            let point = MemoryPoint(
                session: 1, clip: slot, time: MediaTime(units: time), utc: nil, position: MemoryTime(units: time))
            let record = MemoryRecord(
                run: MemoryRun(first: 10 * time, last: 10 * time, weight: 1),
                span: MemorySpan(start: point, end: point),
                remembered: UTC(nanoseconds: 0)...UTC(nanoseconds: 0), key: [], motion: [], revision: 0)
            return MemorySlot(
                record: record,
                features: ClipFeatures(columns: channels, values: Array(values[slot * width..<(slot + 1) * width])),
                runs: weights.map { MemoryRun(first: 10 * time, last: 10 * time + 9, weight: $0) })
        }
        return try MemoryBank(
            MemoryLimits(merge: .location, slots: limit, bytes: .max), seen: 100, newest: nil, slots: slots)
    }

    @Test func theFillIsTheSpecifications() {
        let expected = [-0.597583431, 0.617053525, 0.286647268, 0.656218803]
        for (index, value) in expected.enumerated() { #expect(abs(Fill.uniform("x", index) - value) < 1e-9) }
    }

    @Test func cosinesOfNeighbours() throws {
        let bank = try bank(Fill.values("bank", 60), sizes: Self.sizes, channels: 4, limit: 5)
        let expected = [
            [-0.3152, 0.6104, 0.1159], [-0.4459, -0.4797, 0.8289], [-0.1725, -0.0060, 0.2349],
            [0.3478, -0.2972, 0.6591],
        ]
        for (pair, row) in expected.enumerated() {
            for (location, value) in row.enumerated() {
                #expect(abs(bank.keptSimilarities[location][pair] - value) < 1e-4)
            }
        }
    }

    @Test func aStepMergesEachLocationOnItsOwn() throws {
        let bank = try bank(Fill.values("bank", 60), sizes: Self.sizes, channels: 4, limit: 4)
        #expect(bank.sizes == [[1, 3, 1], [3, 1, 5], [1, 1, 1], [3, 1, 1]])
        let values = bank.slots.flatMap(\.features.values).map { Double($0) }
        let first = [0.698088, 0.173553, 0.493268, -0.778662, -0.515069, -0.618918]
        for (value, golden) in zip(values, first) { #expect(abs(value - golden) < 1e-5) }
        #expect(abs(values.reduce(0, +) - 1.481321) < 1e-5)
        #expect(abs(values.reduce(0) { $0 + abs($1) } - 23.556969) < 1e-5)
        #expect(abs((values.last ?? 0) + 0.278893) < 1e-5)
    }

    @Test func ofEqualPairsTheOldestMerges() throws {
        let bank = try bank(
            Array(repeating: [0.3, -0.7, 0.1], count: 4).flatMap { $0 }, sizes: Array(repeating: [1], count: 4),
            channels: 3, limit: 3)
        #expect(bank.sizes == [[2], [1], [1]])
    }

    @Test func theBanksOfAStream() throws {
        let limits = MemoryLimits(merge: .location, slots: 3, bytes: .max)
        var (visual, query) = (MemoryBank(limits), MemoryBank(limits))
        var (frames, inputs) = (MadeClips(), MadeClips())
        let positions = Fill.values("image_pe.weight", 6 * 48, times: 0.1)
        var read: [Int] = []
        var sizes: [(visual: [[Int64]], query: [[Int64]])] = []
        var remembered: [Double] = []
        for t in 0..<6 {
            let frame = Fill.values("frame\(t)", 5 * 48).enumerated().map { $1 + positions[t * 48 + $0 % 48] }
            try visual.append(frames.next(ClipFeatures(columns: 48, values: frame)))
            read.append(visual.count)
            let seen = visual.slots.flatMap { slot in
                (0..<5).map { row in slot.features.values[row * 48..<(row + 1) * 48].map { Double($0) } }
            }
            // The second layer remembers what the first one gives it: four queries and five tokens of text.
            let input = ToyQFormer.firstLayer(visual: seen).flatMap { $0.map { Float($0) } }
            try query.append(inputs.next(ClipFeatures(columns: 32, values: input)))
            if t < 5, visual.exceedsLimits { visual.compress() }
            if t < 5, query.exceedsLimits { query.compress() }
            sizes.append((visual.sizes, query.sizes))
            if t == 4 { remembered = query.slots.flatMap(\.features.values).map { Double($0) } }
        }
        #expect(read == [1, 2, 3, 4, 4, 4])
        #expect(sizes[3].visual == [[1, 1, 2, 1, 1], [2, 2, 1, 2, 2], [1, 1, 1, 1, 1]])
        #expect(sizes[4].visual == [[1, 1, 2, 1, 1], [3, 3, 1, 3, 3], [1, 1, 2, 1, 1]])
        // Text sees no picture in the first layer: its rows are all alike, and which of them merge is left to rounding.
        let queries = sizes.map { $0.query.map { Array($0[..<4]) } }
        #expect(queries[3] == [[1, 1, 1, 1], [1, 1, 2, 1], [2, 2, 1, 2]])
        #expect(queries[4] == [[1, 1, 1, 1], [3, 3, 2, 3], [1, 1, 2, 1]])
        #expect(abs(remembered.reduce(0, +) + 4.877815) < 1e-4)
        #expect(abs(remembered.reduce(0) { $0 + abs($1) } - 717.288695) < 1e-3)
    }
}
