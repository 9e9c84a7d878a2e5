public import Media

/// Turns motion fields into events: cuts and lights, movements of the camera, and regions that enter, leave, stop, start and turn.
///
/// A pure state machine for one stream: the same fields give the same events. Its memory is bounded, and it takes fields of any content. Where more
/// than a second lies between two fields, or time goes back, it forgets the scene.
///
/// docs/motion-events.md states what is seen, with which thresholds, and how well.
public struct MotionObserver: Sendable {
    private static let longestGap = MediaTime(seconds: 1)
    /// So long before a cut and after it nothing is told of regions.
    private static let cutSettles = 1.2
    /// So long after the camera has moved in front of a plain ground, events of regions are uncertain.
    private static let cameraDoubt = 15.0
    /// So long an uncertain region waits for the camera's movement that it may turn out to be.
    private static let doubtWaits = 1.0
    private static let mostHeld = 64
    /// In so many seconds no more than so many uncertain events of regions are told.
    private static let burst = 4.0
    private static let mostDoubts = 2

    private let limits: MotionLimits
    /// The first field of the scene; times inside are counted from its start.
    private var origin: MediaTime?
    private var end: MediaTime?
    private var visible = VisibleCells()
    private var history = LumaHistory()
    private var light = LightSwitch()
    private var camera = CameraTracker()
    private var cells = ActiveCells()
    private var background = Background()
    private var regions: RegionTracker
    private var lastCut = -Double.infinity
    /// Events of regions that are kept back while the camera may be about to move.
    private var held: [(event: RegionTracker.Event, time: Double)] = []
    /// When uncertain events of regions were told a short while ago.
    private var doubts: [Double] = []
    private var pendingCut: Cut.Candidate?

    /// What moves, as of the newest field.
    public private(set) var scene = MotionScene(time: .zero)

    public init(limits: MotionLimits = .default) {
        self.limits = limits
        regions = RegionTracker(limits: limits)
    }

    /// How many things it remembers: grids of luma, samples of the camera, regions with their sights, events that wait. Bounded, whatever comes.
    package var storedCount: Int {
        history.entries.count + camera.sampleCount + cells.fieldCount + held.count + doubts.count
            + regions.tracks.reduce(0) { $0 + 1 + $1.sights.count }
    }

    /// Forgets everything, as at the start of a session; the ids of regions begin with 1 again.
    public mutating func reset() {
        self = Self(limits: limits)
    }

    /// Takes the next field of the stream.
    ///
    /// - Returns: what is known by it, in the order of the times at which it began.
    public mutating func handle(_ field: MotionField) -> [MotionEvent] {
        guard field.start.isPlausible, field.end.isPlausible, field.start < field.end,
            field.end - field.start <= Self.longestGap
        else { return [] }
        if let end, field.start - end > Self.longestGap || field.start < end { forget() }
        let origin = origin ?? field.start
        self.origin = origin
        end = field.end
        let time = (field.end - origin).seconds
        visible.handle(field)
        var observation = Observation(field, time: time, visible: visible, textured: limits.texture)
        if observation.hasNewLuma, let luma = observation.luma, luma == history.newest?.luma {
            observation.hasNewLuma = false
        }
        let events = observe(observation)
        look(observation)
        return events.map { $0.event(from: origin, known: field.end) }.sorted { $0.start < $1.start }
    }

    private mutating func forget() {
        origin = nil
        end = nil
        visible = VisibleCells()
        history.removeAll()
        light = LightSwitch()
        camera = CameraTracker()
        cells = ActiveCells()
        background.forget()
        regions.forget()
        lastCut = -.infinity
        held.removeAll()
        doubts.removeAll()
        pendingCut = nil
    }

    private mutating func observe(_ observation: Observation) -> [Sighting] {
        let time = observation.time
        var events: [Sighting] = []
        let before = history.newest
        if observation.hasNewLuma, let luma = observation.luma {
            if let start = cutStart(before, luma, observation) {
                events.append(.cut(start: start))
                cut(at: time)
            }
            history.append(luma, time: time, cells: visible.indices)
            if let change = light.handle(history, since: lastCut, cells: visible.indices) {
                events.append(.light(change))
            }
        }
        events += observeCamera(observation)
        let isThing = { [regions] (cell: Int) in regions.isThing(cell) }
        if let luma = observation.luma, observation.hasNewLuma, !camera.moves {
            background.handle(luma, seconds: observation.duration, visible: visible, isThing: isThing)
        }
        let active = cells.handle(
            observation, history: history, camera: camera.newest, limits: limits, isThing: isThing)
        activity = Double(active.active.count { $0 }) / Double(MotionField.cells)
        return events + observeRegions(observation, active)
    }

    private var activity = 0.0

    /// When the cut was that is certain with this picture.
    private mutating func cutStart(_ before: LumaHistory.Entry?, _ luma: [Double], _ observation: Observation)
        -> Double?
    {
        let time = observation.time
        defer { if pendingCut?.time != time { pendingCut = nil } }
        guard let before, !camera.moves, time - lastCut > 1 else { return nil }
        if let pendingCut, pendingCut.isConfirmed(by: luma, cells: visible.indices) { return pendingCut.start }
        guard let strength = Cut.between(before.luma, luma, cells: visible.indices) else { return nil }
        let start = max((before.time + time) / 2, time - observation.duration)
        if strength == .whole { return start }
        pendingCut = Cut.Candidate(before: before.luma, after: luma, start: start, time: time)
        return nil
    }

    private mutating func cut(at time: Double) {
        lastCut = time
        history.removeAll()
        background.forget()
        regions.forget()
        cells.forgetVectors()
        held.removeAll()
    }

    private mutating func observeCamera(_ observation: Observation) -> [Sighting] {
        let time = observation.time
        var sight: CameraSight?
        if time - lastCut > 0.3, !light.isUnsteady(at: time) {
            sight = CameraSight(
                observation, history: history, isUnderWay: camera.candidate != nil, before: camera.newest
            ) { [regions] in regions.isKnownThing($0, at: time) }
        }
        let event = camera.handle(sight, time: time, duration: observation.duration, changed: changedCells()) {
            CameraSight.holds($0, since: $1, history, observation.visible)
        }
        guard let event else { return [] }
        switch event {
        case .began:
            held.removeAll()
            regions.forget()
        case .ended:
            background.forget()
            cells.forgetVectors()
        }
        return [.camera(event)]
    }

    private func changedCells() -> Int {
        guard let now = history.newest, let old = history.entry(before: now.time - 0.05) else { return 0 }
        return now.luma.indices.count { abs(now.luma[$0] - old.luma[$0]) > 4 }
    }

    private mutating func observeRegions(_ observation: Observation, _ active: ActiveCells.Result) -> [Sighting] {
        let time = observation.time
        guard !camera.blanksRegions(at: time), !light.isUnsteady(at: time), time - lastCut > 0.3 else { return [] }
        let isPlain = observation.texturedShare < 0.2
        let look = RegionTracker.Look(
            time: time, duration: observation.duration, background: background, lumaThreshold: cells.lumaThreshold,
            isPlain: isPlain, isDoubtful: isPlain && camera.hasMoved(within: Self.cameraDoubt, at: time),
            mayBeCamera: camera.isSuspected(at: time),
            luma: history.newest?.luma ?? [], visible: visible,
            support: active.support)
        let found = regions.handle(Region.regions(in: active), look).filter { $0.start - lastCut > -Self.cutSettles }
        held += found.map { ($0, time) }
        let waits = held.contains {
            $0.event.isUncertain && [.enter, .start].contains($0.event.kind) && time - $0.time < Self.doubtWaits
        }
        if camera.isUndecided || waits, held.count <= Self.mostHeld { return [] }
        defer { held.removeAll() }
        return told(at: time).map { .region($0) }
    }

    /// Of what was held back: what began and ended meanwhile is none where it is uncertain, and of a burst of uncertain events two are enough.
    private mutating func told(at time: Double) -> [RegionTracker.Event] {
        func ids(_ kinds: [MotionEvent.Kind]) -> Set<Int> {
            Set(held.lazy.filter { $0.event.isUncertain && kinds.contains($0.event.kind) }.map(\.event.track.id))
        }
        let over = ids([.enter, .start]).intersection(ids([.stop, .leave]))
        doubts.removeAll { time - $0 > Self.burst }
        return held.map(\.event).filter { event in
            guard event.isUncertain else { return true }
            guard !over.contains(event.track.id), doubts.count < Self.mostDoubts else { return false }
            doubts.append(time)
            return true
        }
    }

    private mutating func look(_ observation: Observation) {
        let certain = regions.tracks.filter { $0.phase != .tentative }
        scene = MotionScene(
            time: end ?? .zero,
            regions: certain.map { $0.region(from: origin ?? .zero) }.sorted { $0.box.area > $1.box.area },
            contentVelocity: camera.moves ? (camera.newest ?? .still).shift / CellGeometry.picture : nil,
            activity: activity)
    }
}

/// An event in the units of this module.
private enum Sighting {
    case cut(start: Double)
    case light(LightSwitch.Change)
    case camera(CameraTracker.Event)
    case region(RegionTracker.Event)

    func event(from origin: MediaTime, known: MediaTime) -> MotionEvent {
        func at(_ seconds: Double) -> MediaTime { min(known, origin + MediaTime(seconds: max(seconds, 0))) }
        switch self {
        case .cut(let start): return MotionEvent(kind: .cut, start: at(start), known: known)
        case .light(let change):
            return MotionEvent(kind: change.isBrighter ? .lightOn : .lightOff, start: at(change.start), known: known)
        case .camera(.ended(let start, let isUncertain)):
            return MotionEvent(kind: .cameraEnd, start: at(start), known: known, isUncertain: isUncertain)
        case .camera(.began(let kind, let model, let start, let isUncertain)):
            return MotionEvent(
                kind: kind.event, start: at(start), known: known, contentVelocity: model.shift / CellGeometry.picture,
                growth: kind == .zoom ? model.growth : nil, isUncertain: isUncertain)
        case .region(let event):
            return MotionEvent(
                kind: event.kind, start: at(event.start), known: known, region: event.track.region(from: origin),
                side: event.side, isUncertain: event.isUncertain)
        }
    }
}

extension CameraTracker.Kind {
    fileprivate var event: MotionEvent.Kind {
        switch self {
        case .pan: .pan
        case .tilt: .tilt
        case .zoom: .zoom
        case .shake: .shake
        }
    }
}

extension Track {
    fileprivate func region(from origin: MediaTime) -> MovingRegion {
        MovingRegion(
            id: id, box: (place ?? last.region).box,
            velocity: phase == .standing ? .zero : velocity / CellGeometry.picture,
            since: origin + MediaTime(seconds: max(since, 0)))
    }
}

extension PictureRectangle {
    fileprivate var area: Double { width * height }
}

extension MediaTime {
    /// Far enough from the ends of the number range for sums, differences and nanoseconds: 198 years.
    fileprivate var isPlausible: Bool { units.magnitude < 1 << 49 }
}
