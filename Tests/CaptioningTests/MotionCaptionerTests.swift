import Captioning
import Media
import Testing

@Suite struct MotionCaptionerTests {
    private struct Spoken {
        var time: Double
        var caption: Caption
    }

    private func captions(_ fields: [MotionField], _ captioner: MotionCaptioner = MotionCaptioner()) -> [Spoken] {
        var captioner = captioner
        return fields.compactMap { field in
            captioner.handle(field).map { Spoken(time: field.end.seconds, caption: $0) }
        }
    }

    @Test func stillIsSaidOnce() {
        let spoken = captions(MadeScene(lumaNoise: 0.3).fields(to: 60))
        #expect(spoken.map(\.caption.text) == ["The picture is still."])
        #expect(spoken.first?.caption.trigger == "still")
    }

    @Test(arguments: [1.0 / 12, 1.0 / 6, 0.4])
    func crossingEntersAndLeaves(secondsPerField: Double) throws {
        // In at the left after 5 s, out at the right after 11.
        let thing = MadeScene.Thing { time in time < 5 ? nil : SIMD2(-40 + 120 * (time - 5), 180) }
        let scene = MadeScene(things: [thing], lumaNoise: 1, secondsPerField: secondsPerField)
        let spoken = captions(scene.fields(to: 20))
        #expect(spoken.map(\.caption.trigger) == ["still", "enter", "leave"])
        let enter = try #require(spoken.first { $0.caption.trigger == "enter" })
        #expect(enter.caption.text.hasPrefix("A region enters from the left and moves right"))
        #expect(abs(enter.caption.start.seconds - 5.2) < 0.7)
        #expect(enter.time < 8)
        // 120 px/s are 19 % of the width.
        let percent = enter.caption.text.split(separator: "(").last.flatMap { Int($0.prefix { $0.isNumber }) }
        #expect((12...23).contains(try #require(percent)))
        let leave = try #require(spoken.last)
        #expect(leave.caption.text == "The region leaves at the right.")
        #expect(abs(leave.caption.start.seconds - 11) < 1)
    }

    @Test func startsAndStopsAreSaidWithTheirPlace() {
        // Rests at the left, moves down from 8 s to 10 s, rests.
        let thing = MadeScene.Thing { time in SIMD2(120, 100 + 80 * min(max(time - 8, 0), 2)) }
        let spoken = captions(MadeScene(things: [thing], lumaNoise: 0.3).fields(to: 20))
        #expect(spoken.map(\.caption.trigger) == ["still", "start", "stop"])
        #expect(spoken.dropFirst().first?.caption.text.contains("left third moves down") == true)
        #expect(spoken.last?.caption.text.hasPrefix("The region stops") == true)
    }

    @Test(arguments: zip([SIMD2<Double>(90, 0), [-90, 0], [0, 60], [0, -60]], ["right", "left", "down", "up"]))
    func pansAreSaid(velocity: SIMD2<Double>, direction: String) {
        let scene = MadeScene(camera: { velocity * min(max($0 - 4, 0), 4) }, lumaNoise: 0.3)
        let spoken = captions(scene.fields(to: 16))
        #expect(spoken.map(\.caption.trigger) == ["still", "pan", "still"])
        #expect(spoken.dropFirst().first?.caption.text.hasPrefix("The camera pans \(direction)") == true)
        #expect(spoken.last?.caption.text == "The camera is still.")
    }

    @Test func cutsAreSaidAtOnce() throws {
        let spoken = captions(MadeScene(background: { $0 > 10 ? 3 : 0 }, lumaNoise: 0.3).fields(to: 20))
        #expect(spoken.map(\.caption.trigger) == ["still", "cut", "still"])
        #expect(abs(try #require(spoken.dropFirst().first).time - 10) < 0.4)
    }

    /// Half an hour each: a dark flat picture with strong noise, and a textured one with some.
    @Test(arguments: [false, true])
    func noiseIsSilent(textured: Bool) {
        let scene = MadeScene(
            textured: textured, lumaNoise: textured ? 0.4 : 0.6, vectorNoise: textured ? 15 : 40)
        #expect(captions(scene.fields(to: 1800)).map(\.caption.trigger).filter { $0 != "still" } == [])
    }

    @Test func vectorsAloneAreNotBelieved() {
        // The vectors of night noise agree with each other; the picture does not change.
        let fields = MadeScene(textured: false, lumaNoise: 0.3).fields(to: 30).map { field in
            var field = field
            for cell in 0..<MotionField.cells where cell % 36 < 20 { field.velocity[cell] = [0.6, 0.1] }
            return field
        }
        #expect(captions(fields).map(\.caption.trigger).filter { $0 != "still" } == [])
        let blind = fields.map {
            MotionField(start: $0.start, end: $0.end, velocity: $0.velocity, validity: $0.validity)
        }
        #expect(captions(blind).map(\.caption.trigger).filter { $0 != "still" } == [])
    }

    @Test func exposureIsNoMotion() {
        let fields = MadeScene(lumaNoise: 0.3).fields(to: 20).enumerated().map { index, field in
            var field = field
            // Darker by a third within two seconds.
            let gain = Float(1 - min(max(Double(index) - 50, 0), 12) / 36)
            field.luma = field.luma.map { $0 * gain }
            return field
        }
        #expect(captions(fields).map(\.caption.trigger) == ["still"])
    }

    @Test func neverMoreThanOneInThreeSeconds() {
        // Busy on purpose: cuts, pans and objects on top of each other.
        let thing = MadeScene.Thing { time in
            let phase = time.truncatingRemainder(dividingBy: 4)
            return phase < 1 ? nil : SIMD2(-40 + 260 * (phase - 1), 90)
        }
        let scene = MadeScene(
            things: [thing],
            camera: { time in SIMD2(min(max(time.truncatingRemainder(dividingBy: 9) - 4, 0), 2) * 60, 0) },
            background: { ($0 / 5).rounded(.down) })
        let spoken = captions(scene.fields(to: 120))
        #expect(spoken.count > 10)
        for (a, b) in zip(spoken, spoken.dropFirst()) { #expect(b.time - a.time >= 3 - 1e-6) }
        for caption in spoken.map(\.caption) { #expect(caption.start <= caption.end && caption.text.hasSuffix(".")) }
    }

    @Test func memoryStaysBounded() {
        let thing = MadeScene.Thing { time in SIMD2(-40 + 150 * time.truncatingRemainder(dividingBy: 6), 180) }
        let ring = MadeScene(things: [thing], lumaNoise: 0.3).fields(to: 12)
        var captioner = MotionCaptioner()
        var start = MediaTime.zero
        for number in 0..<20_000 {
            var field = ring[number % ring.count]
            // Fields of a millisecond among those of a sixth of a second: the worst for what is kept by time.
            let length = MediaTime(units: number % 3000 < 1000 ? 90 : 15_000)
            (field.start, field.end) = (start, start + length)
            start = field.end
            _ = captioner.handle(field)
            #expect(captioner.keptGrids <= 65)
        }
    }

    @Test func holesAndSessionsStartAnew() {
        var captioner = MotionCaptioner()
        let fields = MadeScene(lumaNoise: 0.3).fields(to: 5)
        #expect(fields.compactMap { captioner.handle($0) }.count == 1)
        // Another picture after a hole is not a cut that anybody saw.
        let later = MadeScene(background: { _ in 3 }, lumaNoise: 0.3).fields(from: 60, to: 70)
        #expect(later.compactMap { captioner.handle($0) }.map(\.trigger).filter { $0 == "cut" } == [])
        captioner.reset()
        #expect(fields.compactMap { captioner.handle($0) }.map(\.trigger) == ["still"])
    }
}
