import Captioning
import Media
import Testing

@Suite struct MotionSentenceTests {
    private func region(
        _ id: Int = 1, x: Double = 0, y: Double = 0.4, side: Double = 0.2, _ velocity: SIMD2<Double> = [0.2, 0]
    ) -> MovingRegion {
        MovingRegion(
            id: id, box: PictureRectangle(x: x, y: y, width: side, height: side), velocity: velocity, since: .zero)
    }

    private func trigger(_ cause: SpeechTrigger.Cause, _ regions: [MovingRegion] = []) -> SpeechTrigger {
        let scene = MotionScene(time: MediaTime(seconds: 2), regions: regions, activity: 0.1)
        return SpeechTrigger(
            cause: cause, start: MediaTime(seconds: 1), known: MediaTime(seconds: 1.5), peak: MediaTime(seconds: 1.8),
            decided: MediaTime(seconds: 2), scene: scene)
    }

    private func event(
        _ kind: MotionEvent.Kind, _ region: MovingRegion? = nil, side: PictureSide? = nil,
        content: SIMD2<Double>? = nil, growth: Double? = nil, uncertain: Bool = false
    ) -> SpeechTrigger.Cause {
        .event(
            MotionEvent(
                kind: kind, start: MediaTime(seconds: 1), known: MediaTime(seconds: 1.5), region: region,
                contentVelocity: content, growth: growth, side: side, isUncertain: uncertain))
    }

    @Test func whatHappensIsSaidAsAPersonWould() {
        let small = region(x: 0.7, y: 0.8, side: 0.05, [-0.35, 0.01])
        let cases: [(SpeechTrigger, String)] = [
            (trigger(event(.enter, region(), side: .left)), "An object enters from the left and moves right."),
            (
                trigger(event(.enter, small, side: .right)),
                "A small object enters from the right and quickly moves left."
            ),
            (
                trigger(event(.leave, region(side: 0.5), side: .top)),
                "The large object leaves the picture at the top."
            ),
            // What is left of it in the picture does not say how large it is.
            (
                trigger(event(.leave, region(x: 0.95, side: 0.05), side: .right)),
                "The object leaves the picture at the right."
            ),
            (trigger(event(.stop, region(x: 0.4, .zero))), "The object stops in the middle."),
            (
                trigger(event(.start, region(x: 0.7, y: 0.7, [0, -0.1]))),
                "An object at the lower right starts to move up."
            ),
            (
                trigger(event(.turn, region(x: 0.7, [-0.02, -0.035]))),
                "The object on the right turns and slowly moves up and to the left."
            ),
            (trigger(event(.cut)), "Cut to another scene."),
            (trigger(event(.lightOff)), "The lights go out."),
            (trigger(event(.pan, content: [0.2, 0])), "The camera pans left."),
            (trigger(event(.tilt, content: [0, 0.08])), "The camera slowly tilts up."),
            (trigger(event(.zoom, growth: -0.1)), "The camera zooms out."),
            (trigger(event(.shake)), "The camera shakes."),
            (trigger(event(.cameraEnd)), "The camera is still again."),
            (
                trigger(event(.pan, content: [0.2, 0], uncertain: true)),
                "The picture shifts; whether it is the camera cannot be seen."
            ),
            (
                trigger(event(.enter, region(), side: .left, uncertain: true)),
                "Perhaps an object enters from the left and moves right."
            ),
            (trigger(.still), "Nothing moves."),
            (trigger(.moving, [region(x: 0.4)]), "The object in the middle still moves right."),
            (trigger(.moving, [region(), region(2)]), "Two objects are moving, all going right."),
        ]
        for (trigger, sentence) in cases { #expect(MotionSentence.caption(trigger) == sentence) }
    }

    @Test func othersAreCounted() {
        let entering = event(.enter, region(3), side: .left)
        let still = region(4, .zero)
        #expect(
            MotionSentence.caption(trigger(entering, [region(3), region(1), still]))
                == "An object enters from the left and moves right. Another one is moving.")
        #expect(
            MotionSentence.caption(trigger(entering, [region(3), region(1), region(2)]))
                == "An object enters from the left and moves right. Two others are moving.")
    }

    @Test func whatFidgetsIsToldOnce() throws {
        let stop = trigger(event(.stop, region(x: 0.4, .zero)))
        let enter = trigger(event(.enter, region(), side: .left))
        var later = stop
        later.decided = MediaTime(seconds: 33)
        var captioner = MotionCaptioner()
        let captions = [stop, stop, enter, enter, later].map { captioner.caption($0) }
        // Two that enter are two things.
        #expect(captions.map { $0 == nil } == [false, true, false, false, false])
        let second = try #require(captions[3])
        #expect(second.trigger == "enter" && second.start.seconds == 1 && second.known.seconds == 1.5)
        #expect(second.end.seconds == 2 && second.event?.side == .left)
    }

    @Test func repeatsAreFound() {
        let sentences = [
            ("A white van has parked beside the gate, and its driver walks to the door.", false),
            ("A white van has parked beside the gate and its driver walks to the door", true),
            ("The driver carries two boxes back to the white van at the gate.", false),
            ("A dog runs.", false), ("The dog runs", true), ("3 dogs run.", false), ("4 dogs run.", true), ("", false),
        ]
        var filter = RepeatFilter()
        let found = sentences.map { filter.repeats($0.0) }
        #expect(found == sentences.map(\.1))
    }
}
