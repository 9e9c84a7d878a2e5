import Media

/// Follows one moving region, the largest first, and says what it does.
struct RegionTracker {
    enum Event {
        case enter(Track), start(Track), turn(Track), leave(Track), stop(Track)
    }

    /// A region over time.
    struct Track {
        var first: Region
        var last: Region
        var since: MediaTime
        var seen: MediaTime
        var hits = 1
        var cells: Int
        /// The most columns and rows it has had.
        var widest: Int
        var tallest: Int
        /// Sum of its steps in px, and the sum of their lengths.
        var path = SIMD2<Double>.zero
        var pathLength = 0.0
        /// Of about the last second, px/s.
        var velocity: SIMD2<Double>
        var announced: SIMD2<Double>?
        /// When and where it began to move otherwise than announced.
        var turning: (time: MediaTime, place: SIMD2<Double>)?
    }

    private static let candidateLives = MediaTime(seconds: 0.4)
    private static let trackLives = MediaTime(seconds: 0.8)
    private static let settles = MediaTime(seconds: 0.6)
    private static let turnLasts = MediaTime(seconds: 0.5)
    private(set) var track: Track?

    mutating func handle(_ regions: [Region], now: MotionField) -> Event? {
        // What fills half of the picture is light or the camera, not a thing in it.
        let regions = regions.filter { (2...MotionField.cells * 2 / 5).contains($0.cells.count) }
        guard let track else {
            self.track = regions.max { $0.cells.count < $1.cells.count }.map { Track($0, now) }
            return nil
        }
        let near = regions.filter { track.last.distance(to: $0) <= 3 }
        guard let region = near.max(by: { $0.cells.count < $1.cells.count }) else { return missing(track, now) }
        self.track?.add(region, now)
        return announce()
    }

    private mutating func missing(_ track: Track, _ now: MotionField) -> Event? {
        let lives = track.announced == nil ? Self.candidateLives : Self.trackLives
        guard now.end - track.seen >= lives else { return nil }
        self.track = nil
        guard track.announced != nil else { return nil }
        return track.isLeaving ? .leave(track) : .stop(track)
    }

    private mutating func announce() -> Event? {
        guard let track else { return nil }
        if let announced = track.announced {
            guard track.turns(from: announced) else {
                self.track?.turning = nil
                return nil
            }
            guard let turning = track.turning else {
                self.track?.turning = (track.seen, track.last.centre)
                return nil
            }
            // Its place must follow the new direction, as it does not where only an arm or a shadow turns.
            let step = track.last.centre - turning.place
            guard track.seen - turning.time >= Self.turnLasts, step.length > 14,
                step.dot(track.velocity) > 0.7 * step.length * track.velocity.length
            else { return nil }
            self.track?.announced = track.velocity
            self.track?.turning = nil
            return .turn(track)
        }
        guard track.isConfirmed, track.seen - track.since >= Self.settles else { return nil }
        self.track?.announced = track.velocity
        return track.isEntering ? .enter(track) : .start(track)
    }
}

extension RegionTracker.Track {
    init(_ region: Region, _ field: MotionField) {
        self.init(
            first: region, last: region, since: field.start, seen: field.end, cells: min(region.cells.count, 6),
            widest: region.columns.count, tallest: region.rows.count, velocity: region.velocity ?? .zero)
    }

    mutating func add(_ region: Region, _ field: MotionField) {
        let seconds = (field.end - seen).seconds
        guard seconds > 0 else { return }
        let velocity = region.velocity ?? (region.centre - last.centre) / seconds
        path += velocity * seconds
        pathLength += velocity.length * seconds
        // The first field mostly holds the region for a part of its time only, and is too slow.
        self.velocity += (velocity - self.velocity) * (hits == 1 ? 1 : min(1, seconds / 0.4))
        last = region
        seen = field.end
        widest = max(widest, region.columns.count)
        tallest = max(tallest, region.rows.count)
        hits += 1
        cells += min(region.cells.count, 6)
    }

    /// Seen often enough, and gone one way: leaves in the wind and noise come back.
    var isConfirmed: Bool {
        let (needed, distance) = isEntering ? (3, 14.0) : (5, 21.0)
        return hits >= needed && cells >= 2 * needed && path.length >= distance && path.length >= 0.6 * pathLength
            && path.dot(last.centre - first.centre) > 0
    }

    /// First seen at a border, and grown away from it: what stands there and fidgets does not enter.
    var isEntering: Bool {
        guard let border = Border.touched(by: first, inward: path) else { return false }
        return border.reach(of: last) - border.reach(of: first) >= 2
    }

    /// Last seen at a border, and shrunk to half of what it was.
    var isLeaving: Bool {
        guard let border = Border.touched(by: last, inward: -velocity) else { return false }
        return border.depth(of: last) <= max(2, border.isVertical ? tallest / 2 : widest / 2)
    }

    func turns(from announced: SIMD2<Double>) -> Bool {
        velocity.length > 15 && velocity.dot(announced) < 0.5 * velocity.length * announced.length
    }
}
