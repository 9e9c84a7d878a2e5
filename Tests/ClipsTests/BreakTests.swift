import Clips
import Media
import MediaTesting
import Testing

/// Holes, losses, new formats and time stamps that do not go on.
@Suite struct BreakTests {
    @Test("a hole of more than a second ends the clip, and the next starts at the next clean key frame")
    func hole() throws {
        var stream = MadeStream()
        stream.add(from: 0, to: 2 * second, gop: 4 * second)
        stream.add(from: 3 * second, to: 9 * second, gop: 4 * second)
        let first = try #require(stream.clips.first)
        #expect(first.end.units == 2 * second && !first.isComplete && first.cut == .gap)
        #expect(first.quality.isDiscontinuous)
        #expect(first.fields[..<12].allSatisfy { $0.anchors > 0 })
        #expect(first.fields[12...].allSatisfy { $0.anchors == 0 && $0.coverage == 0 })
        #expect(stream.events == ["gap 180000 360000 source 0"])
        let second = try #require(stream.clips.dropFirst().first)
        #expect(second.index == 1 && second.start.units == 360_000 && second.quality.isDiscontinuous)
        #expect(second.isComplete)
    }

    @Test("a hole of a second stays inside the clip")
    func smallHole() throws {
        var stream = MadeStream()
        stream.add(from: 0, to: second + 3_600, gop: 4 * second)
        stream.add(from: 2 * second, to: 5 * second, gop: 4 * second)
        #expect(stream.clips.first?.isComplete == true)
        #expect(stream.events.isEmpty)
    }

    @Test("a small loss is told and counted, and the pictures around it stay in one clip")
    func loss() throws {
        var stream = MadeStream()
        let vectors = [MotionVector.block(motion: (4, 0))]
        stream.add(from: 0, to: second, gop: second, vectors: vectors)
        stream.assembler.loss(count: 13, cause: .network)
        stream.addKey(second + 46_800)
        stream.add(from: second + 50_400, to: 4 * second, vectors: vectors)
        stream.addKey(4 * second)
        let clip = try #require(stream.clips.first)
        #expect(clip.isComplete && clip.quality.missingFrames == 13)
        #expect(stream.events == ["gap 86400 136800 network 13"])
        // Nothing is known of the ticks that the loss covers.
        #expect(clip.fields[6].coverage == 0 && clip.fields[7].coverage == 0)
        #expect(clip.fields[5].coverage == 1 && clip.fields[10].coverage == 1)
    }

    @Test("the first anchor after a loss has no vectors to count, even where it is no key picture")
    func lossBeforePredicted() {
        var stream = MadeStream()
        let vectors = [MotionVector.block(motion: (4, 0))]
        stream.addKey(0)
        stream.assembler.loss(count: 1, cause: .decoder)
        stream.add(15_000, vectors: vectors)
        stream.add(30_000, vectors: vectors)
        #expect(stream.fields.map(\.coverage) == [0, 1])
    }

    @Test("a loss that makes a hole names the gap's cause and count")
    func lossHole() {
        var stream = MadeStream()
        stream.add(from: 0, to: 2 * second, gop: 4 * second)
        stream.assembler.loss(count: 50, cause: .network)
        stream.addKey(4 * second)
        #expect(stream.events == ["gap 180000 360000 network 50"])
        #expect(stream.clips.first?.quality.missingFrames == 0)
    }

    @Test("new parameter sets and a new picture size end the clip at once", arguments: [true, false])
    func format(isResized: Bool) throws {
        var stream = MadeStream()
        stream.add(from: 0, to: 2 * second, gop: 4 * second)
        let traits = PictureTraits(isKey: true, type: .intra, changesParameters: !isResized)
        stream.add(2 * second, .intra, traits: traits, width: isResized ? 144 : MadePicture.width)
        let clip = try #require(stream.clips.first)
        #expect(clip.cut == .gap && clip.end.units == 2 * second && !clip.isComplete)
        #expect(stream.events == ["gap 180000 180000 format 0"])
        for index in 1...24 as ClosedRange<Int64> {
            stream.add(2 * second + index * tick, width: isResized ? 144 : MadePicture.width)
        }
        stream.end()
        let next = try #require(stream.clips.last)
        #expect(next.start.units == 2 * second && next.index == 1)
        #expect(next.video.width == (isResized ? 144 : MadePicture.width))
    }

    @Test("before a break media end one picture after the last, where B-pictures were decoded behind it")
    func endWithBPictures() {
        var stream = MadeStream()
        stream.add(from: 0, to: second, gop: second)
        stream.add(second + 3 * 3_600)
        for index in 0...2 as ClosedRange<Int64> {
            let traits = PictureTraits(isReference: false, type: .bidirectional)
            stream.assembler.receive(
                AccessUnit(bytes: [], pts: MediaTime(units: second + index * 3_600), traits: traits))
        }
        stream.add(second + second / 2, .intra, isKey: true, width: 144)
        #expect(stream.events == ["gap \(second + 4 * 3_600) \(second + second / 2) format 0"])
    }

    @Test("a format told by capture takes effect at the next unit")
    func toldFormat() throws {
        var stream = MadeStream()
        stream.add(from: 0, to: 2 * second, gop: 4 * second)
        var format = VideoFormat(codec: .h264, width: MadePicture.width, height: MadePicture.height)
        format.profile = "high"
        stream.assembler.formatChange(format)
        stream.addKey(2 * second)
        stream.add(from: 2 * second + 3_600, to: 4 * second)
        stream.end()
        #expect(stream.clips.map(\.video.profile) == [nil, "high"])
    }

    @Test(
        "time stamps that run backward or jump start a new session",
        arguments: [(-second, 8), (0, 8), (13 * second, 8), (11 * second, 7)] as [(Int64, Int)])
    func session(next: Int64, session: Int) throws {
        var stream = MadeStream()
        stream.add(from: 0, to: 2 * second, gop: 4 * second)
        for step in 0..<30 as Range<Int64> {
            if step == 0 { stream.addKey(next) } else { stream.add(next + step * 15_000) }
        }
        let clips = stream.clips
        try #require(clips.count == 2)
        #expect(clips[0].cut == (session == 8 ? .end : .gap) && clips[0].frames == 50)
        #expect(clips[1].session == session && clips[1].index == (session == 8 ? 0 : 1))
        #expect(clips[1].start.units == next && clips[1].frames == 24)
        #expect(stream.assembler.session == session)
    }

    @Test("a time stamp that was worked out a little wrong starts nothing")
    func interpolated() {
        var stream = MadeStream()
        stream.addKey(0)
        stream.add(3_600)
        stream.add(3_000, isInterpolated: true)
        stream.add(7_200)
        #expect(stream.assembler.session == 7 && stream.events.isEmpty)
    }

    @Test("anchors stay where time stamps were worked out in decoding order, though B-pictures seem behind them")
    func workedOutWithBPictures() throws {
        var stream = MadeStream()
        stream.addKey(0)
        for index in stride(from: Int64(1), through: 111, by: 2) {
            stream.add((index + 1) * 3_600, .bidirectional, isInterpolated: true)
            stream.add(index * 3_600, isInterpolated: true)
        }
        let clip = try #require(stream.clips.first)
        #expect(clip.isComplete && clip.motion.framesPerSecond == 12.75)
        #expect(stream.events.isEmpty)
    }

    @Test("a recovery point is clean after its count of reference pictures")
    func recovery() throws {
        var stream = MadeStream()
        stream.add(0, traits: PictureTraits(isKey: true, recoveryCount: 3, type: .predicted))
        for index in 1...150 as ClosedRange<Int64> { stream.add(index * 3_600) }
        let clip = try #require(stream.clips.first)
        #expect(clip.start.units == 3 * 3_600)
    }

    @Test("recovery points that overlap, as intra refresh makes them, are all reached")
    func overlappingRecovery() throws {
        var stream = MadeStream()
        for index in 0...150 as ClosedRange<Int64> {
            let isPoint = index % 25 == 0
            let traits = PictureTraits(isKey: isPoint, recoveryCount: isPoint ? 30 : 0, type: .predicted)
            stream.add(index * 3_600, traits: traits)
        }
        let clip = try #require(stream.clips.first)
        #expect(clip.start.units == 30 * 3_600 && clip.key.picture.pts.units == 30 * 3_600 && clip.key.kind == .intra)
    }

    @Test("a loss during recovery undoes it")
    func brokenRecovery() {
        var stream = MadeStream()
        stream.add(0, traits: PictureTraits(isKey: true, recoveryCount: 3, type: .predicted))
        stream.add(3_600)
        stream.assembler.loss(count: 1, cause: .network)
        for index in 2...150 as ClosedRange<Int64> { stream.add(index * 3_600) }
        #expect(stream.clips.isEmpty && stream.fields.isEmpty)
    }

    @Test("a damaged key picture is no key picture, its damage is counted, and its vectors are not used")
    func corrupt() throws {
        var stream = MadeStream()
        stream.add(0, .intra, isKey: true, isCorrupt: true)
        stream.addKey(tick)
        stream.add(2 * tick, isCorrupt: true, vectors: [.block(motion: (4, 4))])
        stream.add(from: 3 * tick, to: 27 * tick, step: tick, vectors: [.block(motion: (4, 0))])
        let clip = try #require(stream.clips.first)
        #expect(clip.start.units == tick)
        #expect(clip.quality.corruptFrames == 1)
        #expect(clip.fields[0].coverage == 0 && clip.fields[1].coverage == 1)
    }

    @Test("hostile time stamps cost neither time nor memory, and trap nowhere")
    func hostile() {
        var random = Generator(state: 17)
        let wild: [Int64] = [.min, .max, 0, 1 << 60, -(1 << 48), 1 << 48, 90_000, 1 << 40, .max - 1]
        var stream = MadeStream()
        for step in 0..<2_000 {
            let pts = step % 3 == 0 ? wild.randomElement(using: &random) ?? 0 : Int64(step) * 3_600
            if Int.random(in: 0..<20, using: &random) == 0 { stream.assembler.loss(count: .max / 4, cause: .network) }
            stream.add(
                pts, Bool.random(using: &random) ? .intra : .predicted, isKey: Bool.random(using: &random),
                isCorrupt: Int.random(in: 0..<9, using: &random) == 0,
                isInterpolated: Bool.random(using: &random),
                senderUTC: Bool.random(using: &random) ? UTC(nanoseconds: .min) : nil,
                arrival: UTC(nanoseconds: Bool.random(using: &random) ? .max : .min),
                vectors: [.block(motion: (.min + 1, .max), scale: 0)])
        }
        stream.end()
        #expect(stream.fields.count < 100_000)
    }
}
