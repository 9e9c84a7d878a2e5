import Captioning
import Media
import Testing

/// From fields to captions: what is seen, when it is told, and in which words.
@Suite struct NarratorTests {
    private func captions(_ fields: [MotionField], _ narrator: Narrator = Narrator()) -> [Caption] {
        var narrator = narrator
        var captioner = MotionCaptioner()
        return fields.compactMap { field in narrator.handle(field).flatMap { captioner.caption($0) } }
    }

    @Test func stillIsSaidOnce() {
        let spoken = captions(MadeScene(lumaNoise: 0.3).fields(to: 60))
        #expect(spoken.map(\.text) == ["Nothing moves."])
        #expect(spoken.first?.trigger == "still")
    }

    @Test(arguments: [1.0 / 12, 1.0 / 6, 0.4])
    func crossingEntersAndLeaves(secondsPerField: Double) throws {
        // In at the left after 5 s, out at the right after 11.
        let thing = MadeScene.Thing { time in time < 5 ? nil : SIMD2(-40 + 120 * (time - 5), 180) }
        let scene = MadeScene(things: [thing], lumaNoise: 1, secondsPerField: secondsPerField)
        let spoken = captions(scene.fields(to: 20))
        #expect(spoken.map(\.trigger) == ["still", "enter", "leave"])
        let enter = try #require(spoken.first { $0.trigger == "enter" })
        #expect(enter.text.contains("object enters from the left and moves right."))
        #expect(abs(enter.start.seconds - 5.3) < 0.7)
        #expect(enter.end.seconds < 8)
        // 120 px/s are 19 % of the width.
        let velocity = try #require(enter.event?.region?.velocity)
        #expect((0.1...0.25).contains(velocity.x) && abs(velocity.y) < 0.05)
        let leave = try #require(spoken.last)
        #expect(leave.text.contains("leaves the picture at the right."))
        #expect(abs(leave.start.seconds - 11) < 1)
    }

    @Test func startsAndStopsAreSaidWithTheirPlace() {
        // Rests at the left, moves down from 8 s to 10 s, rests.
        let thing = MadeScene.Thing { time in SIMD2(120, 120 + 75 * min(max(time - 8, 0), 2)) }
        let spoken = captions(MadeScene(things: [thing], lumaNoise: 0.3).fields(to: 20))
        #expect(spoken.map(\.trigger) == ["still", "start", "stop"])
        #expect(spoken.dropFirst().first?.text.contains("left starts to move down.") == true)
        #expect(spoken.last?.text.contains("stops at the lower left.") == true)
    }

    @Test(arguments: zip([SIMD2<Double>(90, 0), [-90, 0], [0, 60], [0, -60]], ["right", "left", "down", "up"]))
    func cameraMovementsAreSaid(velocity: SIMD2<Double>, direction: String) {
        let scene = MadeScene(camera: { velocity * min(max($0 - 4, 0), 4) }, lumaNoise: 0.3)
        let spoken = captions(scene.fields(to: 16))
        let kind = velocity.y == 0 ? "pan" : "tilt"
        #expect(spoken.map(\.trigger) == ["still", kind, "camera-end"])
        #expect(spoken.dropFirst().first?.text.hasSuffix("\(kind)s \(direction).") == true)
        #expect(spoken.last?.text == "The camera is still again.")
    }

    @Test func cutsAreSaidAtOnce() throws {
        let spoken = captions(MadeScene(background: { $0 > 10 ? 3 : 0 }, lumaNoise: 0.3).fields(to: 20))
        #expect(spoken.map(\.trigger) == ["still", "cut"])
        #expect(abs(try #require(spoken.last).start.seconds - 10) < 0.4)
    }

    /// Four minutes each: a dark flat picture with strong noise, and a textured one with some.
    @Test(arguments: [false, true])
    func noiseIsSilent(textured: Bool) {
        let scene = MadeScene(textured: textured, lumaNoise: textured ? 0.4 : 0.6, vectorNoise: textured ? 15 : 40)
        #expect(captions(scene.fields(to: 240)).map(\.trigger).filter { !["still", "refresh"].contains($0) } == [])
    }

    @Test func holesAndSessionsStartAnew() {
        var narrator = Narrator()
        let fields = MadeScene(lumaNoise: 0.3).fields(to: 5)
        #expect(fields.compactMap { field in narrator.handle(field) }.map(\.name) == ["still"])
        // Another picture after a hole is not a cut that anybody saw.
        let later = MadeScene(background: { _ in 3 }, lumaNoise: 0.3).fields(from: 60, to: 70)
        #expect(later.compactMap { field in narrator.handle(field) }.map(\.name).filter { $0 == "cut" } == [])
        narrator.startSession()
        #expect(fields.compactMap { field in narrator.handle(field) }.map(\.name) == ["still"])
    }
}
