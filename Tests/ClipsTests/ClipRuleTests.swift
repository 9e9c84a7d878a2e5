import Clips
import Media
import Testing

/// Where clips begin and end.
@Suite struct ClipRuleTests {
    @Test("clips of one-second groups of pictures start on their key frames")
    func keyFrames() throws {
        var stream = MadeStream()
        stream.add(from: 0, to: 9 * second, gop: second)
        try #require(stream.clips.count == 2)
        let clip = stream.clips[1]
        #expect(clip.session == 7 && clip.index == 1)
        #expect(clip.start.units == 4 * second && clip.end.units == 8 * second)
        #expect(clip.isComplete && clip.startsOnKey && clip.cut == .keyframe)
        #expect(clip.frames == 100 && !clip.hasBFrames)
        #expect(clip.key.kind == .intra && clip.key.isFiltered && clip.key.picture.pts == clip.start)
        #expect(clip.fields.count == 24)
        #expect(clip.fields.map(\.start.units) == (0..<24).map { 4 * second + Int64($0) * tick })
        #expect(clip.fields.map(\.end.units) == (1...24).map { 4 * second + Int64($0) * tick })
        #expect(clip.motion.framesPerSecond == 25)
        #expect(clip.capture == nil)
        #expect(!stream.assembler.filtersNonKey)
    }

    @Test("without key frames clips follow each other every four seconds, and none waits")
    func noKeyFrames() throws {
        var stream = MadeStream()
        stream.add(from: 0, to: 13 * second, gop: 100 * second)
        let clips = stream.clips
        try #require(clips.count == 3)
        #expect(clips.map(\.start.units) == [0, 4 * second, 8 * second])
        #expect(clips.map(\.cut) == [.time, .time, .time])
        #expect(clips.map(\.startsOnKey) == [true, false, false])
        #expect(clips.map(\.key.kind) == [.intra, .inter, .inter])
        #expect(clips.map(\.key.picture.pts.units) == [0, 4 * second, 8 * second])
        // The picture at 4 s is the last one of which nobody could know that its group would be longer.
        #expect(clips.map(\.key.isFiltered) == [true, false, true])
        #expect(stream.assembler.filtersNonKey)
    }

    @Test(
        "a clip ends on the clean key frame nearest to four seconds within half a tick",
        arguments: [
            ([360_000], 360_000), ([367_500], 367_500), ([352_500], 352_500), ([367_501], 360_000),
            ([352_499], 360_000), ([354_000, 363_000], 363_000), ([357_000, 363_000], 357_000),
            ([357_000, 362_999], 362_999), ([353_000, 356_000, 359_000, 362_000, 365_000], 359_000),
        ] as [([Int64], Int64)])
    func nearestKeyFrame(keys: [Int64], end: Int64) throws {
        var stream = MadeStream()
        stream.addKey(0)
        let rest = stride(from: 3_600, to: 9 * second, by: 3_600).filter { !keys.contains($0) }
        for pts in (rest + keys).sorted() {
            if keys.contains(pts) { stream.addKey(pts) } else { stream.add(pts) }
        }
        let clip = try #require(stream.clips.first)
        #expect(clip.end.units == end)
        #expect(clip.fields.last?.end.units == end)
        #expect(clip.cut == (keys.contains(end) ? .keyframe : .time))
        #expect(clip.isComplete)
        let next = try #require(stream.clips.dropFirst().first)
        #expect(next.start.units == end)
        #expect(next.startsOnKey == keys.contains(end))
        #expect(next.fields.first?.start.units == end)
        #expect(clip.frames + next.frames == (rest + keys + [0]).count { $0 < next.end.units })
    }

    @Test("the key picture is the first clean key frame, wherever it lies in the clip")
    func keyPicture() throws {
        var stream = MadeStream()
        stream.add(from: 0, to: 9 * second, gop: 3 * second)
        #expect(stream.clips.map(\.key.picture.pts.units) == [0, 6 * second])
        #expect(stream.clips.map(\.key.kind) == [.intra, .intra])
    }

    @Test("a field is handed out as soon as an anchor reaches the end of its tick")
    func fieldsAtOnce() {
        var stream = MadeStream()
        stream.add(from: 0, to: 15_000)
        #expect(stream.fields.isEmpty)
        stream.add(15_000)
        #expect(stream.fields.count == 0)  // The stream has not begun: there was no key picture.
        stream.addKey(18_000)
        stream.add(32_999)
        #expect(stream.fields.isEmpty)
        stream.add(33_000)
        #expect(stream.fields.map(\.start.units) == [18_000])
    }

    @Test("at the end a tail of a second is an incomplete clip, a shorter one is skipped")
    func tails() throws {
        var long = MadeStream()
        long.add(from: 0, to: 6 * second, gop: second)
        long.end()
        let tail = try #require(long.clips.last)
        #expect(tail.start.units == 4 * second && tail.end.units == 6 * second)
        #expect(!tail.isComplete && tail.cut == .end && tail.fields.count == 24 && tail.frames == 50)
        #expect(tail.fields[12...].allSatisfy { $0.coverage == 0 && $0.luma.isEmpty })
        #expect(long.fields.count == 36)

        var short = MadeStream()
        short.add(from: 0, to: 4 * second + 3 * tick, gop: second)
        short.end()
        #expect(short.clips.count == 1)
        #expect(short.events == ["skipped 1 360000 406800 short"])
    }

    @Test("media that ends with the fourth second ends with a complete clip")
    func wholeEnd() {
        var stream = MadeStream()
        stream.add(from: 0, to: 4 * second, gop: second)
        #expect(stream.clips.isEmpty)
        stream.end()
        #expect(stream.clips.map(\.isComplete) == [true])
        #expect(stream.clips.map(\.cut) == [.end])
        #expect(stream.events.isEmpty)
    }

    @Test("a single picture, and a stream without key pictures, are errors of the source")
    func useless() {
        var single = MadeStream()
        single.addKey(0)
        single.end()
        #expect(single.clips.isEmpty && single.events.last == "failed")
        var keyless = MadeStream()
        keyless.add(from: 0, to: 5 * second)
        keyless.end()
        #expect(keyless.events == ["failed"])
    }

    @Test("B-pictures count as frames, wherever the decoder leaves them out")
    func bFrames() throws {
        var stream = MadeStream()
        for index in 0..<50 as Range<Int64> {
            let anchor = index * 14_400
            if index % 25 == 0 { stream.addKey(anchor) } else { stream.add(anchor) }
            for b in [2, 1, 3] as [Int64] {
                let traits = PictureTraits(isReference: b == 2, type: .bidirectional)
                stream.assembler.receive(
                    AccessUnit(bytes: [], pts: MediaTime(units: anchor - 14_400 + b * 3_600), traits: traits))
            }
        }
        let clip = try #require(stream.clips.first)
        #expect(clip.hasBFrames)
        #expect(clip.motion.isReferenceAmbiguous)
        #expect(clip.motion.framesPerSecond == 6.25)
    }
}
