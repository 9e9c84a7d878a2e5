import Clips
import Media
import Testing

/// What stands in a field.
@Suite struct FieldTests {
    /// One pixel to the right and half a pixel up each 3600 units: in frames a second.
    static let motion: (x: Int32, y: Int32) = (4, -2)
    static let velocity = SIMD2<Float>(25 / Float(MadePicture.width), -12.5 / Float(MadePicture.height))

    private func isClose(_ a: SIMD2<Float>, _ b: SIMD2<Float>) -> Bool {
        let difference = a - b
        return max(abs(difference.x), abs(difference.y)) < 1e-5
    }

    @Test(
        "the same motion gives the same field at any rate",
        arguments: [(25.0, 3_600), (12.5, 7_200), (5, 18_000), (1, 90_000)] as [(Double, Int64)])
    func rates(rate: Double, step: Int64) throws {
        var stream = MadeStream()
        let factor = Int32(step / 3_600)
        let vectors = [MotionVector.block(motion: (Self.motion.x * factor, Self.motion.y * factor))]
        stream.add(from: 0, to: 9 * second, step: step, gop: 100 * second, vectors: vectors)
        let clip = try #require(stream.clips.first)
        #expect(clip.isComplete)
        for field in clip.fields {
            #expect(field.validity.allSatisfy { $0 == 1 })
            #expect(field.velocity.allSatisfy { isClose($0, Self.velocity) })
            #expect(!field.luma.isEmpty)
        }
        #expect(clip.motion.framesPerSecond == rate)
        #expect(clip.motion.coverage == 1 && !clip.motion.isReferenceAmbiguous)
        #expect(clip.fields.map(\.anchors).reduce(0, +) == Int(4 * rate))
    }

    @Test("a span counts in a tick for the time it shares with it")
    func timeWeights() throws {
        // 10 000 units at 3 px a span, then 20 000 units at 1 px a span.
        var stream = MadeStream()
        stream.addKey(0)
        stream.add(10_000, vectors: [.block(motion: (12, 0))])
        stream.add(30_000, vectors: [.block(motion: (4, 0))])
        try #require(stream.fields.count == 2)
        let fast = 3.0 * 9 / Double(MadePicture.width), slow = 1.0 * 4.5 / Double(MadePicture.width)
        #expect(isClose(stream.fields[0].velocity[0], [Float((fast * 10 + slow * 5) / 15), 0]))
        #expect(isClose(stream.fields[1].velocity[0], [Float(slow), 0]))
    }

    @Test("blocks count for their area in a cell, and area without vectors lowers validity")
    func areaWeights() {
        // A cell is 2 × 2 pixels: of cell 0 the left column moves, nothing is known of the right one.
        var stream = MadeStream()
        stream.addKey(0)
        stream.add(
            15_000,
            vectors: [
                .block(x: 0, y: 0, width: 1, height: 2, motion: (8, 0)),
                .block(x: 2, y: 0, width: 1, height: 2, motion: (8, 0)),
                .block(x: 3, y: 0, width: 1, height: 2, motion: (0, 0)),
            ])
        let field = stream.fields[0]
        let one = Float(2.0 * 6 / Double(MadePicture.width))
        #expect(field.validity[0] == 0.5 && isClose(field.velocity[0], [one, 0]))
        #expect(field.validity[1] == 1 && isClose(field.velocity[1], [one / 2, 0]))
        #expect(field.validity[2] == 0 && field.velocity[2] == .zero)
        #expect(abs(field.coverage - 2.0 / 720) < 1e-9)
    }

    @Test("vectors of B-pictures, and vectors to the future, are not used")
    func onlyPast() {
        var stream = MadeStream()
        stream.addKey(0)
        stream.add(7_500, .bidirectional, vectors: [.block(motion: (40, 40))])
        stream.add(15_000, vectors: [.block(motion: (4, 0)), .block(motion: (90, 0), source: 1)])
        let expected = Float(6.0 / Double(MadePicture.width))
        #expect(stream.fields[0].velocity.allSatisfy { isClose($0, [expected, 0]) })
    }

    @Test("an intra anchor leaves its span unknown, and the next span starts at it")
    func intraAnchor() {
        var stream = MadeStream()
        stream.addKey(0)
        stream.add(7_500, .intra)
        stream.add(15_000, vectors: [.block(motion: (4, 0))])
        #expect(stream.fields[0].validity[0] == 0.5)
        #expect(isClose(stream.fields[0].velocity[0], [Float(12.0 / Double(MadePicture.width)), 0]))
        #expect(stream.fields[0].anchors == 2)
    }

    @Test("luma is that of the newest anchor of the tick, and is held where a tick has none")
    func luma() {
        var stream = MadeStream()
        stream.addKey(0, grey: 10)
        stream.add(14_999, grey: 20)
        stream.add(15_000, grey: 30)
        stream.add(45_000, grey: 40)
        #expect(stream.fields.map { $0.luma.first ?? -1 } == [20, 30, 30])
        #expect(stream.fields.map(\.anchors) == [2, 1, 0])
        #expect(stream.fields[0].texture.allSatisfy { $0 == 0 })
    }

    @Test("the choice of references makes vectors ambiguous")
    func ambiguity() throws {
        var stream = MadeStream()
        stream.addKey(0)
        stream.add(tick, traits: PictureTraits(type: .predicted, activeReferences: 2))
        stream.add(from: 2 * tick, to: 50 * tick, step: tick)
        #expect(stream.clips.map(\.motion.isReferenceAmbiguous) == [true, false])
    }

    @Test("fields do not depend on where the clock starts", arguments: [1, 12_345_677, -99_999_999] as [Int64])
    func offsets(offset: Int64) throws {
        func make(_ offset: Int64) -> MadeStream {
            var stream = MadeStream(offset: offset)
            stream.addKey(0)
            var pts: Int64 = 0
            for step in 0..<300 as Range<Int64> {
                pts += 3_003 + step * 7 % 11
                stream.add(pts, vectors: [.block(motion: (Int32(step % 17), Int32(step % 5)))])
            }
            return stream
        }
        let here = make(0), there = make(offset)
        #expect(here.clips.count == 2 && there.clips.count == 2)
        for (a, b) in zip(here.clips, there.clips) {
            #expect(a.fields.map(\.velocity) == b.fields.map(\.velocity))
            #expect(a.fields.map(\.validity) == b.fields.map(\.validity))
            #expect(a.end.units + offset == b.end.units)
        }
    }

    @Test("capture time comes from sender reports once there is one, else from arrival")
    func capture() throws {
        func make(firstReport: Int64) throws -> CaptureSpan {
            var stream = MadeStream()
            for step in 0...103 as ClosedRange<Int64> {
                let pts = step * 3_600
                // The sender's clock is 1000 s ahead of media time, pictures take 50 ms, every other one 10 ms more.
                let taken = 1_000_000_000_000 + step * 40_000_000
                let late = 50_000_000 + step % 2 * 10_000_000
                stream.add(
                    pts, step == 0 ? .intra : .predicted, isKey: step == 0,
                    senderUTC: step >= firstReport ? UTC(nanoseconds: taken) : nil,
                    arrival: UTC(nanoseconds: taken + late))
            }
            let clip = try #require(stream.clips.first)
            return try #require(clip.capture)
        }
        let reported = try make(firstReport: 60)
        #expect(reported.source == .rtcpSenderReport && reported.errorMilliseconds == 1)
        #expect(reported.start.nanoseconds == 1_000_000_000_000)
        #expect(reported.end.nanoseconds == 1_004_000_000_000)
        let arrived = try make(firstReport: 1_000)
        #expect(arrived.source == .arrival && arrived.errorMilliseconds == 5)
        #expect(arrived.start.nanoseconds == 1_000_055_000_000)
        #expect(arrived.newestArrival.nanoseconds == 1_004_020_000_000)
    }
}
