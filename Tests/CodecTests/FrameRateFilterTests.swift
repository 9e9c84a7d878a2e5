import Codec
import Media
import Testing

@Suite struct FrameRateFilterTests {
    /// The pictures shown, by their place in the source, with the number of the first output.
    private struct Shown: Equatable {
        var first: Int64?
        var pictures: [Int] = []
    }

    private func shown(_ times: [Int64], fillsHoles: Bool = false) -> Shown {
        var filter = FrameRateFilter(fillsHoles: fillsHoles)
        var result = Shown()
        func note(_ outputs: Range<Int64>, _ picture: Int) {
            if result.first == nil, !outputs.isEmpty { result.first = outputs.lowerBound }
            result.pictures += outputs.map { _ in picture }
        }
        for (index, time) in times.enumerated() { note(filter.add(MediaTime(units: time)).shown, index - 1) }
        note(filter.end(), times.count - 1)
        return result
    }

    @Test(
        "the last picture that rounds to an output or before it is shown; halves go up",
        arguments: [
            // Distance of pictures in 1/90 000 s, their number, the ones shown.
            (3_600, 13, [2, 6, 10]), (3_750, 13, [1, 5, 9]), (3_000, 15, [2, 7, 12]), (3_003, 15, [2, 7, 12]),
            (1_500, 30, [4, 14, 24]), (18_000, 5, [0, 1, 2, 2, 3, 4]), (45_000, 3, [0, 0, 0, 1, 1, 1, 2, 2, 2]),
            (90_000, 2, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]), (15_000, 4, [0, 1, 2, 3]),
        ] as [(Int64, Int64, [Int])])
    func rates(step: Int64, count: Int64, expected: [Int]) {
        #expect(shown((0..<count).map { $0 * step }) == Shown(first: 0, pictures: expected))
    }

    @Test("a very short video gives nothing")
    func short() {
        #expect(shown([0, 3_600]).pictures.isEmpty)
        #expect(shown([0]).pictures.isEmpty)
        #expect(shown([0, 3_600, 7_200]).pictures == [2])
    }

    @Test("outputs start where the first picture is, or at 0 with copies of it")
    func offset() {
        let times = (0..<12).map { 45_000 + $0 * 3_750 } as [Int64]
        #expect(shown(times) == Shown(first: 3, pictures: [1, 5, 9]))
        #expect(shown(times, fillsHoles: true) == Shown(first: 0, pictures: [1, 1, 1, 1, 5, 9]))
        // Half an interval before the first output is that output's place, a little earlier is the one before.
        #expect(shown([7_500, 22_500, 37_500]).first == 1)
        #expect(shown([7_499, 22_499, 37_499]).first == 0)
    }

    @Test("a hole of up to a second is filled, a longer one is left or filled as asked")
    func holes() {
        #expect(shown([0, 90_000, 105_000]).pictures == [0, 0, 0, 0, 0, 0, 1, 2])
        let times = [0, 15_000, 120_000, 135_000] as [Int64]
        #expect(shown(times) == Shown(first: 0, pictures: [0, 1, 2, 3]))
        #expect(shown(times, fillsHoles: true).pictures == [0] + Array(repeating: 1, count: 7) + [2, 3])
        var filter = FrameRateFilter()
        _ = filter.add(MediaTime(units: 0))
        let next = filter.add(MediaTime(units: 90_001))
        #expect(next.isBreak)
        #expect(filter.end() == 6..<6)
    }

    @Test("of pictures at the same time the last is shown; time that runs backward breaks and counts anew")
    func disorder() {
        #expect(shown([0, 15_000, 15_000, 30_000]).pictures == [0, 2, 3])
        var filter = FrameRateFilter()
        _ = filter.add(MediaTime(units: 150_000))
        _ = filter.add(MediaTime(units: 165_000))
        let back = filter.add(MediaTime(units: 0))
        #expect(back.shown == 11..<12 && back.isBreak)
        #expect(filter.add(MediaTime(units: 15_000)).shown == 0..<1)
    }

    @Test("after a loss no output is given twice")
    func resumption() {
        var filter = FrameRateFilter()
        _ = filter.add(MediaTime(units: 0))
        _ = filter.add(MediaTime(units: 15_000))
        #expect(filter.end() == 1..<2)
        _ = filter.add(MediaTime(units: 16_000))
        #expect(filter.add(MediaTime(units: 31_000)).shown.isEmpty)
        #expect(filter.end() == 2..<3)
    }
}
