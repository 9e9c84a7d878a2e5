internal import Media

/// Follows regions, several at once, and says what they do.
struct RegionTracker {
    struct Event {
        var kind: MotionEvent.Kind
        var start: Double
        var track: Track
        var side: PictureSide?
        /// It may be the camera that moved.
        var isUncertain: Bool

        init(kind: MotionEvent.Kind, start: Double, track: Track, side: PictureSide? = nil) {
            self.kind = kind
            self.start = start
            self.track = track
            self.side = side
            isUncertain = track.isUncertain
        }
    }

    /// What the tracker sees of a field.
    struct Look {
        var time: Double
        var duration: Double
        var background: Background
        var lumaThreshold: (Int) -> Double
        /// The picture has too little texture to tell the camera's movement from a thing's.
        var isPlain: Bool
        /// It is plain, and the camera has moved a short while ago.
        var isDoubtful: Bool
        /// For some fields of the last seconds it looked as if the camera moved.
        var mayBeCamera: Bool
        var luma: [Double]
        var visible: VisibleCells
        var support: [Double]
    }

    /// In the first second of a scene its noise is not known.
    private static let sceneSettles = 1.0
    private static let settles = 1.5
    /// So long after an uncertain event of one region none of another is told: the edges of a plain picture move together with the camera.
    private static let doubtLasts = 2.5
    /// And so long the events that are told of others are uncertain as well.
    private static let doubtSpreads = 15.0
    private static let tentativeLives = 0.4
    private static let mergedLives = 5.0
    /// Standing things are remembered so long; then they belong to the ground.
    private static let standingLives = 120.0
    private static let hiddenShare = 0.35
    /// A thing that stands hides more of its place than this.
    private static let standingHides = 0.1

    private(set) var tracks: [Track] = []
    private var clutter = 0.0
    private var nextID = 1
    /// The region that was last told of although it may be the camera that moves, and when.
    private var doubtful: (id: Int, time: Double)?
    private let limits: MotionLimits

    init(limits: MotionLimits) { self.limits = limits }

    /// Forgets every region; the count of ids goes on.
    mutating func forget() {
        tracks.removeAll()
        clutter = 0
        doubtful = nil
    }

    /// Whether a cell lies where a region is, or is taken to be.
    func isThing(_ cell: Int) -> Bool {
        tracks.contains { $0.phase != .tentative && ($0.extent.contains(cell) || $0.last.region.contains(cell)) }
    }

    /// Whether a cell lies in a region that has been known for a while.
    func isKnownThing(_ cell: Int, at time: Double) -> Bool {
        tracks.contains {
            $0.phase != .tentative && time - $0.since > 0.7 && ($0.place ?? $0.last.region).contains(cell)
        }
    }

    mutating func handle(_ regions: [Region], _ look: Look) -> [Event] {
        // What fills half of the picture is light or the camera, not a thing in it.
        let regions = regions.filter { (2...MotionField.cells / 2).contains($0.area) }.sorted { $0.area > $1.area }
        let unexplained = assign(regions.prefix(limits.maximumRegions), look)
        clutter += (Double(max(unexplained - 1, 0)) - clutter) * min(1, look.duration / 2)
        var events: [Event] = []
        for index in tracks.indices { events += advance(index, look).compactMap { admitted($0, of: index, look) } }
        tracks.removeAll { Self.isOver($0, look) }
        return events
    }

    /// The event of a track as it is told; nil where it is not.
    private mutating func admitted(_ event: Event, of index: Int, _ look: Look) -> Event? {
        var event = event
        if event.isUncertain || look.isDoubtful {
            if let doubtful, doubtful.id != tracks[index].id {
                let isMoving = tracks.contains { $0.id == doubtful.id && $0.phase == .moving }
                if isMoving || look.time - doubtful.time < Self.doubtLasts { return nil }
            }
            doubtful = (tracks[index].id, look.time)
            event.isUncertain = true
        } else if look.isPlain {
            let isNear = doubtful.map { look.time - $0.time < Self.doubtSpreads } ?? false
            event.isUncertain = isNear || look.mayBeCamera || tracks[index].wasDoubtful
        }
        tracks[index].wasDoubtful = tracks[index].wasDoubtful || event.isUncertain
        return event
    }

    // MARK: - Which region belongs to which track

    /// - Returns: how many regions no certain track explains.
    private mutating func assign(_ regions: ArraySlice<Region>, _ look: Look) -> Int {
        var open = Array(regions)
        var united: [Int: Region] = [:]
        // Certain tracks choose first, moving ones before those that stand.
        for phases in [[Track.Phase.moving], [.merged, .standing], [.tentative]] {
            var pairs: [(track: Int, region: Int, cost: Double)] = []
            for track in tracks.indices where phases.contains(tracks[track].phase) {
                for region in open.indices {
                    if let cost = cost(tracks[track], open[region], look) { pairs.append((track, region, cost)) }
                }
            }
            pairs.sort { $0.cost < $1.cost }
            var taken: Set<Int> = []
            for pair in pairs where united[pair.track] == nil && !taken.contains(pair.region) {
                united[pair.track] = open[pair.region]
                taken.insert(pair.region)
            }
            // The other parts of the same thing.
            for pair in pairs where !taken.contains(pair.region) {
                guard var whole = united[pair.track], whole.distance(to: open[pair.region]) <= 3,
                    Self.isFragment(open[pair.region], of: tracks[pair.track])
                else { continue }
                whole.unite(open[pair.region])
                united[pair.track] = whole
                taken.insert(pair.region)
            }
            open = open.indices.filter { !taken.contains($0) }.map { open[$0] }
        }
        let certain = united.keys.count { tracks[$0].phase != .tentative }
        for (track, region) in united { take(region, into: track, look) }
        let born = open.filter { region in
            !tracks.contains { $0.phase != .tentative && region.isFidget(of: $0.extent) }
                && !(region.area <= 3
                    && tracks.contains { $0.phase == .moving && $0.last.region.distance(to: region) <= 3 })
        }
        for region in born where tracks.count < limits.maximumRegions {
            tracks.append(Track(region, time: look.time, duration: look.duration))
        }
        return united.count - certain + born.count
    }

    /// Nil where they cannot belong together.
    private func cost(_ track: Track, _ region: Region, _ look: Look) -> Double? {
        let predicted = track.predicted(at: look.time)
        let reach = track.phase == .standing ? 1 : 3
        guard min(predicted.distance(to: region), track.last.region.distance(to: region)) <= reach else { return nil }
        let apart = (predicted.centre - region.centre).length / CellGeometry.cell.x
        guard let velocity = region.velocity, track.velocity.length > 15, velocity.length > 15, track.phase != .standing
        else {
            return apart
        }
        return apart + (velocity.isAlong(track.velocity, cosine: 0) ? 0 : 4)
    }

    private static func isFragment(_ region: Region, of track: Track) -> Bool {
        guard region.area > 3, let velocity = region.velocity, velocity.length > 15, track.velocity.length > 15 else {
            return true
        }
        return velocity.isAlong(track.velocity, cosine: 0.5)
    }

    private mutating func take(_ region: Region, into index: Int, _ look: Look) {
        // Counting anew after a pause: two fidgets a minute apart are no movement.
        let isStale =
            look.time - tracks[index].last.time > Self.tentativeLives || look.time - tracks[index].first.time > 1.2
        if tracks[index].phase == .standing, isStale {
            tracks[index].recount(from: region, time: look.time, duration: look.duration)
        } else {
            if tracks[index].phase == .merged { tracks[index].phase = .moving }
            tracks[index].add(region, time: look.time, duration: look.duration)
        }
    }

    // MARK: - What a track does

    private mutating func advance(_ index: Int, _ look: Look) -> [Event] {
        switch tracks[index].phase {
        case .tentative: return confirm(index, look)
        case .standing: return restart(index, look)
        case .moving:
            noteHidden(index, look)
            noteSurroundings(index, look)
            if hasSettled(tracks[index], look) { return stand(index, start: look.time - Self.settles) }
            return isLost(tracks[index], look) ? lose(index, look) : turn(index, look)
        case .merged: return extrapolate(index, look)
        }
    }

    private mutating func confirm(_ index: Int, _ look: Look) -> [Event] {
        guard look.time > Self.sceneSettles else { return [] }
        var track = tracks[index]
        track.trim()
        let step = track.velocity.length * look.duration / CellGeometry.cell.x
        let reach = min(3, 1 + Int(step))
        let side = PictureSide.behind(track.first.region, motion: track.path, reach: reach) ?? growthSide(track)
        let isConfirmed =
            side != nil
            ? track.isConfirmed(seconds: limits.enterAfter, distance: 14, clutter: clutter)
            : track.isConfirmed(
                // What no vector ever followed may be an artefact that drifts through a night at a low bit rate.
                seconds: limits.startAfter + (track.hasVectors ? 0 : 0.5), distance: track.hasVectors ? 21 : 35,
                clutter: clutter)
        guard isConfirmed, track.last.time == look.time, !isPart(index) else { return [] }
        // What shrinks at once was a jump of the picture that fades, as of a low bit rate's key picture.
        if side == nil, 4 * track.last.region.area < track.largest.area { return [] }
        tracks[index] = track
        tracks[index].id = nextID
        nextID += 1
        tracks[index].phase = .moving
        // At a side the first sight is the centre's crossing; inside, the movement began with the field before it was seen.
        let start = side == nil ? track.first.time - look.duration : track.first.time
        tracks[index].since = start
        noteSurroundings(index, look)
        tracks[index].toldAt = look.time
        return [Event(kind: side == nil ? .start : .enter, start: start, track: tracks[index], side: side)]
    }

    /// The side of a thing that began as a reflection or a shadow inside the picture, and then grew out of that side.
    private func growthSide(_ track: Track) -> PictureSide? {
        let begin = track.sights[0].region, now = track.last.region
        guard now.boxArea >= 2 * begin.boxArea else { return nil }
        return PictureSide.allCases.first {
            $0.gap(to: now) == 0 && $0.outward.dot(track.path) < 0 && $0.gap(to: begin) <= 6
                && $0.distance(to: now.boxCentre) < 0.3 * (CellGeometry.picture * $0.outward).length + 90
        }
    }

    /// Goes along with a certain region right beside it, as the bonnet does with the boot of one car.
    private func isPart(_ index: Int) -> Bool {
        tracks.indices.contains {
            guard $0 != index, tracks[$0].phase != .tentative else { return false }
            if tracks[index].last.region.isFidget(of: tracks[$0].extent) { return true }
            return tracks[$0].phase == .moving && tracks[$0].last.region.distance(to: tracks[index].last.region) <= 3
                && tracks[$0].velocity.isAlong(tracks[index].velocity, cosine: 0.5)
        }
    }

    private mutating func restart(_ index: Int, _ look: Look) -> [Event] {
        let track = tracks[index]
        if let place = track.place, look.time - track.last.time > 1.5,
            let hidden = look.background.hidden(columns: place.columns, rows: place.rows, by: look.lumaThreshold),
            hidden < 0.1
        {
            // It has gone unseen, or never stood here.
            tracks[index].phase = .tentative
            return []
        }
        guard track.last.time == look.time, track.movedAt == look.time,
            track.isConfirmed(
                seconds: 0.45, distance: (track.place ?? track.extent).boxArea > 30 ? 20 : 12, clutter: clutter)
        else { return [] }
        tracks[index].phase = .moving
        tracks[index].place = nil
        tracks[index].toldAt = look.time
        return [Event(kind: .start, start: track.first.time - look.duration, track: tracks[index])]
    }

    /// Watches whether anything else stands: an edge across the direction of the movement that stays where it is.
    private mutating func noteSurroundings(_ index: Int, _ look: Look) {
        let track = tracks[index]
        guard track.isUncertain, track.last.time == look.time else { return }
        guard look.isPlain, look.luma.count == MotionField.cells else {
            tracks[index].isUncertain = false
            return
        }
        let isAcross = abs(track.velocity.x) > abs(track.velocity.y)
        let step = isAcross ? 1 : MotionField.columns
        var standing = 0
        for row in 0..<MotionField.rows - (isAcross ? 0 : 1) {
            for column in 0..<MotionField.columns - (isAcross ? 1 : 0) {
                let cell = row * MotionField.columns + column
                guard look.visible.isVisible[cell], look.visible.isVisible[cell + step],
                    abs(look.luma[cell + step] - look.luma[cell]) > 8, look.support[cell] < 0.5,
                    look.support[cell + step] < 0.5, !isThing(cell)
                else { continue }
                standing += 1
            }
        }
        if standing >= 6 { tracks[index].isUncertain = false }
    }

    /// Watches when the ground comes back where it was seen last.
    private mutating func noteHidden(_ index: Int, _ look: Look) {
        let region = tracks[index].last.region
        guard let hidden = look.background.hidden(columns: region.columns, rows: region.rows, by: look.lumaThreshold)
        else { return }
        if hidden > 0.25 {
            tracks[index].hasHidden = true
            tracks[index].clearSince = nil
        } else if tracks[index].hasHidden, tracks[index].clearSince == nil {
            tracks[index].clearSince = look.time - look.duration
        }
    }

    /// It still moves, and gets nowhere: a person who stands and shifts from foot to foot.
    private func hasSettled(_ track: Track, _ look: Look) -> Bool {
        let recent = track.sights.filter { look.time - $0.time <= Self.settles }
        guard look.time - track.toldAt > Self.settles, let first = recent.first,
            look.time - first.time > Self.settles - 0.3
        else {
            return false
        }
        var path = SIMD2<Double>.zero
        for (before, sight) in zip(recent, recent.dropFirst()) { path += sight.velocity * (sight.time - before.time) }
        guard let old = track.sights.last(where: { look.time - $0.time > Self.settles }) else { return false }
        let way = track.extent.boxCentre - old.region.boxCentre
        return path.length < 12 && (way.length < 18 || track.last.region.isFidget(of: old.region))
    }

    private func isLost(_ track: Track, _ look: Look) -> Bool {
        // Arms and shadows that go on moving where it stands do not count.
        let unseen = look.time - min(track.last.time, track.movedAt)
        guard track.clearSince != nil, exit(of: track) != nil else { return unseen > limits.lostAfter }
        return unseen > limits.leftAfter
    }

    /// The side that it was about to leave by.
    private func exit(of track: Track) -> PictureSide? {
        let motion = track.velocity(from: 2.5, to: 0, at: track.last.time) ?? track.velocity
        let reach = 1 + Int(min(track.velocity.length * 0.3 / CellGeometry.cell.x, 3))
        return PictureSide.ahead(track.last.region, motion: motion, reach: reach)
    }

    /// The side that it last touched, and rather the one that it went to than the one that it came from.
    private func touched(_ track: Track) -> PictureSide? {
        let sides = PictureSide.allCases.filter { $0.gap(to: track.extent) == 0 }
        return sides.max { $0.outward.dot(track.path) < $1.outward.dot(track.path) }
    }

    /// When its centre crossed the side. Luma that is compared with half a second ago shows a thing for that much longer, and until its rear has gone.
    private func leaveTime(_ track: Track, _ side: PictureSide) -> Double {
        let speed = max(side.outward.dot(track.velocity(from: 2, to: 0.3, at: track.last.time) ?? track.velocity), 10)
        let largest = track.largest
        let isAcross = side == .left || side == .right
        let extent =
            isAcross
            ? Double(largest.columns.count) * CellGeometry.cell.x : Double(largest.rows.count) * CellGeometry.cell.y
        let size = max(extent - 0.42 * speed - 9, 18)
        return track.last.time - 0.42 - min(size / 2 / speed, 0.6)
    }

    private mutating func lose(_ index: Int, _ look: Look) -> [Event] {
        let track = tracks[index]
        let side = exit(of: track)
        let hidden = look.background.hidden(columns: track.extent.columns, rows: track.extent.rows) {
            2 * look.lumaThreshold($0)
        }
        let isAcross = side == .left || side == .right
        let depth = isAcross ? track.extent.columns.count : track.extent.rows.count
        if let side, hidden ?? 0 < Self.hiddenShare || depth <= 2 {
            tracks[index].phase = .tentative
            return [Event(kind: .leave, start: leaveTime(track, side), track: track, side: side)]
        }
        let isBeside = tracks.indices.contains {
            $0 != index && tracks[$0].phase == .moving && look.time - tracks[$0].last.time < 0.3
                && tracks[$0].last.region.distance(to: track.predicted(at: look.time)) <= 2
        }
        if isBeside {
            tracks[index].phase = .merged
            return []
        }
        // What stands hides the ground: this was the ground's own recovery after a thing that has left, as of the exposure or a shadow.
        if track.hasHidden, let hidden, hidden < Self.standingHides, let side = touched(track) {
            tracks[index].phase = .tentative
            return [Event(kind: .leave, start: leaveTime(track, side), track: track, side: side)]
        }
        return stand(index, start: min(track.last.time, track.movedAt) - 0.25)
    }

    private mutating func stand(_ index: Int, start: Double) -> [Event] {
        tracks[index].phase = .standing
        tracks[index].place = tracks[index].extent
        return [Event(kind: .stop, start: start, track: tracks[index])]
    }

    private mutating func extrapolate(_ index: Int, _ look: Look) -> [Event] {
        let track = tracks[index]
        let place = track.last.region.centre + track.velocity * (look.time - track.last.time)
        guard let side = PictureSide.allCases.first(where: { $0.distance(to: place) < 0 }) else { return [] }
        tracks[index].phase = .tentative
        return [Event(kind: .leave, start: look.time, track: track, side: side)]
    }

    private mutating func turn(_ index: Int, _ look: Look) -> [Event] {
        let track = tracks[index]
        guard track.last.time == look.time, look.time - track.toldAt > 0.8,
            let before = track.velocity(from: 1.5, to: 0.65, at: look.time),
            let now = track.velocity(from: 0.36, to: 0, at: look.time),
            before.length > 15, now.length > 15, !before.isAlong(now, cosine: 0.5)
        else { return [] }
        let old = track.sights.filter { (0.65...1.5).contains(look.time - $0.time) }
        guard let first = old.first, let corner = old.last, first.time < corner.time else { return [] }
        let way = corner.region.boxCentre - first.region.boxCentre
        let newWay = track.last.region.boxCentre - corner.region.boxCentre
        let areas = track.sights.filter { look.time - $0.time <= 1.5 }.map { Double($0.region.area) }
        guard way.length > 14, newWay.length > 12, track.movedAt == look.time, way.dot(before) > 0, newWay.dot(now) > 0,
            let largest = areas.max(),
            largest < 1.8 * max(quantile(areas, 0.5), 4),
            !isNearAnother(index), PictureSide.ahead(track.last.region, motion: before, reach: 0) == nil
        else { return [] }
        let recent = track.sights.last {
            $0.velocity.length > 8 && ($0.velocity.dot(before) / before.length > $0.velocity.dot(now) / now.length)
        }
        tracks[index].toldAt = look.time
        return [Event(kind: .turn, start: recent?.time ?? look.time - 0.5, track: tracks[index])]
    }

    private func isNearAnother(_ index: Int) -> Bool {
        tracks.indices.contains {
            $0 != index && tracks[$0].phase == .moving
                && tracks[$0].last.region.distance(to: tracks[index].last.region) <= 3
        }
    }

    private static func isOver(_ track: Track, _ look: Look) -> Bool {
        let age = look.time - track.last.time
        switch track.phase {
        case .tentative: return age > tentativeLives
        case .moving: return false
        case .merged: return age > mergedLives
        case .standing: return age > standingLives
        }
    }
}
