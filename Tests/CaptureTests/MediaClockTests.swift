import Capture
import Media
import Testing

@Suite struct MediaClockTests {
    @Test func liveTimeCountsFromTheFirstPicture() {
        var clock = MediaClock(startsAtZero: true)
        let times = [7_000_000_013, 7_033_366_680, 7_066_733_346].map {
            clock.time(of: $0, framesPerSecond: nil).time.units
        }
        #expect(times == [0, 3003, 6006])
    }

    @Test func fileTimeIsTakenAsItIs() {
        var clock = MediaClock(startsAtZero: false)
        #expect(clock.time(of: -40_000_000, framesPerSecond: nil).time.units == -3600)
        #expect(clock.time(of: 80_000_000, framesPerSecond: nil).time.units == 7200)
    }

    @Test func missingTimeStampsAreInterpolated() {
        var clock = MediaClock(startsAtZero: true)
        _ = clock.time(of: 1_000_000_000, framesPerSecond: nil)
        _ = clock.time(of: 1_020_000_000, framesPerSecond: nil)
        let third = clock.time(of: nil, framesPerSecond: nil)
        #expect(third.time.units == 3600)
        #expect(third.isInterpolated)
        #expect(clock.time(of: nil, framesPerSecond: 12.5).time.units == 10_800)
        #expect(!clock.time(of: 1_140_000_000, framesPerSecond: nil).isInterpolated)
    }

    @Test func absurdTimeStampsDoNotTrap() {
        var clock = MediaClock(startsAtZero: true)
        for stamp: Int64? in [.max, nil, nil, .min, .max, 0, nil] {
            #expect(clock.time(of: stamp, framesPerSecond: 1.0 / 2_147_483_647).isInterpolated == (stamp == nil))
        }
    }
}
