public import Media

/// Says in plain English what moves: the camera, a cut, one region. A pure function of the fields that it is given.
///
/// The limits come from trials with rendered and real scenes; docs/captions.md says what it cannot see.
public struct MotionCaptioner: Sendable {
    private static let stillAfter = MediaTime(seconds: 1.5)
    private static let gap = MediaTime(seconds: 1)

    private var policy = SpeechPolicy()
    private var luma = LumaChange()
    private var camera = CameraTracker()
    private var finder = RegionFinder()
    private var regions = RegionTracker()
    private var lastEnd: MediaTime?
    /// Since when nothing has moved, while that has not been told yet.
    private var stillSince: MediaTime?
    private var owesStill = true

    public init() {}

    /// Takes the next field of a session and gives out what is to be said now. Fields may have any length.
    public mutating func handle(_ field: MotionField) -> Caption? {
        if let lastEnd, field.start - lastEnd > Self.gap || field.start < lastEnd { forgetScene() }
        lastEnd = field.end
        return policy.handle(observe(field), now: field.end)
    }

    /// Forgets everything: the next field belongs to another session, whose times do not compare.
    public mutating func reset() {
        self = MotionCaptioner()
    }

    /// Luma grids that are held: all that could grow with the number of fields.
    package var keptGrids: Int { luma.keptGrids }

    private mutating func forgetScene() {
        luma = LumaChange()
        camera = CameraTracker()
        finder = RegionFinder()
        regions = RegionTracker()
        stillSince = nil
    }

    private mutating func observe(_ field: MotionField) -> Caption? {
        let tracked = Set(regions.track?.last.cells ?? [])
        luma.handle(field, cameraMoves: camera.moves) { !tracked.contains($0) }
        if luma.isCut {
            forgetScene()
            owesStill = true
            return Caption(text: "Cut to another scene.", start: field.start, end: field.end, trigger: "cut")
        }
        if let event = camera.handle(field) { return caption(of: event, field) }
        guard !camera.moves, !luma.isLightUnsteady else {
            regions = RegionTracker()
            stillSince = nil
            return nil
        }
        let found = finder.regions(in: field, support: luma.support) { !tracked.contains($0) }
        if let event = regions.handle(found, now: field) {
            owesStill = false
            return Self.caption(of: event, end: field.end)
        }
        return still(field)
    }

    private mutating func still(_ field: MotionField) -> Caption? {
        guard owesStill else { return nil }
        guard regions.track.map({ $0.hits < 3 }) ?? true else {
            stillSince = nil
            return nil
        }
        let since = stillSince ?? field.start
        stillSince = since
        guard field.end - since >= Self.stillAfter else { return nil }
        owesStill = false
        return Caption(text: "The picture is still.", start: since, end: field.end, trigger: "still")
    }

    private mutating func caption(of event: CameraTracker.Event, _ field: MotionField) -> Caption {
        switch event {
        case .pan(let velocity, let since):
            owesStill = true
            let text = "The camera pans \(Direction(-velocity).words)\(Sentence.speed(velocity))."
            return Caption(text: text, start: since, end: field.end, trigger: "pan")
        case .stop(let since):
            owesStill = false
            return Caption(text: "The camera is still.", start: since, end: field.end, trigger: "still")
        }
    }

    private static func caption(of event: RegionTracker.Event, end: MediaTime) -> Caption {
        switch event {
        case .enter(let track):
            let border = Border.touched(by: track.first, inward: track.path)?.rawValue ?? "side"
            let text = "A region enters from the \(border) and moves \(Sentence.motion(track.velocity))."
            return Caption(text: text, start: track.since, end: end, trigger: "enter")
        case .start(let track):
            let text = "A region \(Sentence.place(track.last)) moves \(Sentence.motion(track.velocity))."
            return Caption(text: text, start: track.since, end: end, trigger: "start")
        case .turn(let track):
            let text = "The region \(Sentence.place(track.last)) turns and moves \(Sentence.motion(track.velocity))."
            return Caption(text: text, start: track.turning?.time ?? track.since, end: end, trigger: "turn")
        case .leave(let track):
            let border = Border.touched(by: track.last, inward: -track.velocity)?.rawValue ?? "side"
            return Caption(text: "The region leaves at the \(border).", start: track.seen, end: end, trigger: "leave")
        case .stop(let track):
            let text = "The region stops \(Sentence.place(track.last))."
            return Caption(text: text, start: track.seen, end: end, trigger: "stop")
        }
    }
}

/// Words for places and velocities.
enum Sentence {
    static func place(_ region: Region) -> String {
        let share = region.centre / FieldGeometry.pixels
        let third = ["left", "middle", "right"][min(max(Int(share.x * 3), 0), 2)]
        switch share.y {
        case ..<0.3: return "at the top of the \(third) third"
        case 0.7...: return "at the bottom of the \(third) third"
        default: return "in the \(third) third"
        }
    }

    static func motion(_ velocity: SIMD2<Double>) -> String {
        Direction(velocity).words + speed(velocity)
    }

    /// An adverb and the share of the picture's width a second.
    static func speed(_ velocity: SIMD2<Double>) -> String {
        let percent = Int((velocity.length / FieldGeometry.pixels.x * 100).rounded())
        let share = "(\(max(percent, 1)) % of the width a second)"
        switch percent {
        case ..<10: return ", slowly \(share)"
        case 30...: return ", quickly \(share)"
        default: return " \(share)"
        }
    }
}
