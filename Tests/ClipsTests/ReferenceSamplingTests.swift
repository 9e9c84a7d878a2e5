import Clips
import Testing

@Suite struct ReferenceSamplingTests {
    /// A video of groups of 12 pictures, and what follows them.
    private static func groups(_ count: Int, from first: Int = 0) -> [Int] { (0..<count).map { first + 12 * $0 } }

    @Test(
        "the reference's choice",
        arguments: [
            ([0], 12, 16, [0]),
            (groups(2), 24, 16, [0]),
            (groups(3), 30, 16, [12]),
            (groups(3), 36, 16, [0]),
            (groups(5), 60, 16, [12, 36]),
            ([0, 12] + groups(3, from: 17), 53, 16, [17]),
            (
                groups(40), 480, 16,
                [12, 36, 60, 84, 108, 156, 180, 204, 228, 252, 300, 324, 348, 372, 396, 444]
            ),
            (groups(20), 240, 4, [12, 60, 132, 204]),
            ([], 10, 16, []),
        ])
    func table(intra: [Int], count: Int, maximum: Int, expected: [Int]) {
        #expect(ReferenceSampling.clipStarts(intra: intra, count: count, maximumClips: maximum) == expected)
    }

    @Test("whatever the video, every clip starts at an I-picture, they ascend, and there are not too many")
    func properties() {
        var noise = Noise(key: "sampling")
        for _ in 0..<2_000 {
            let count = 1 + noise.below(900)
            var intra = [0]
            while let last = intra.last, last < count {
                intra.append(last + (noise.below(6) == 0 ? 1 + noise.below(11) : 12))
            }
            intra.removeLast()
            let maximum = 1 + noise.below(20)
            let starts = ReferenceSampling.clipStarts(intra: intra, count: count, maximumClips: maximum)
            #expect(!starts.isEmpty && starts.count <= maximum)
            #expect(Set(starts).isSubset(of: intra))
            #expect(zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 })
        }
    }
}
