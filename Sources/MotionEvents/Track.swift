internal import Media

/// A region over time.
struct Track {
    enum Phase {
        /// May be noise.
        case tentative
        case moving
        /// Stands, and is remembered.
        case standing
        /// Hidden behind, or one with, another track; goes on as it went.
        case merged
    }

    struct Sight {
        var time: Double
        var region: Region
        /// px/s of this field alone.
        var velocity: SIMD2<Double>
    }

    private static let span = 2.5
    var id = 0
    var phase = Phase.tentative
    /// The first sight of the movement; of a standing track, of what may be its restart.
    private(set) var first: Sight
    private(set) var sights: [Sight]
    /// Seconds it was seen, cells × seconds (6 cells count at most), and how many of its sights luma supports.
    private(set) var seen = 0.0
    private(set) var cellSeconds = 0.0
    private(set) var lumaSeconds = 0.0
    private(set) var vectorSeconds = 0.0
    /// The sum of its steps and of their lengths, in px.
    private(set) var path = SIMD2<Double>.zero
    private(set) var pathLength = 0.0
    /// Of about half a second, px/s.
    private(set) var velocity: SIMD2<Double>
    /// When it was last told to turn or start.
    var toldAt = -Double.infinity
    /// When it entered or first moved.
    var since = 0.0
    /// It hides the ground, or did; and since when the ground is back where it was seen last.
    var hasHidden = false
    var clearSince: Double?
    /// Nothing around it was seen to stand while it moved: it may be the camera that did.
    var isUncertain = true
    /// An event of it was told as uncertain.
    var wasDoubtful = false
    /// Where the whole of it is: the newest sight of more than a moving arm.
    private(set) var extent: Region
    private(set) var movedAt: Double
    /// Where it stands.
    var place: Region?

    init(_ region: Region, time: Double, duration: Double) {
        let velocity = region.velocity ?? .zero
        let sight = Sight(time: time, region: region, velocity: velocity)
        first = sight
        sights = [sight]
        self.velocity = velocity
        extent = region
        movedAt = time
        count(region, velocity, duration)
    }

    /// Vectors went along with it for a fifth of the time at least.
    var hasVectors: Bool { 5 * vectorSeconds >= seen }
    var last: Sight { sights[sights.count - 1] }

    mutating func add(_ region: Region, time: Double, duration: Double) {
        let seconds = min(time - last.time, 0.5)
        guard seconds > 0 else { return }
        if phase == .tentative || !region.isFidget(of: extent) {
            extent = region
            movedAt = time
        }
        let step = (region.centre - last.region.centre) / seconds
        let velocity = region.velocity ?? (step.length < 600 ? step : .zero)
        count(region, velocity, seconds)
        // The first sight mostly holds the region for a part of its time only, and is too slow.
        self.velocity += (velocity - self.velocity) * (sights.count == 1 ? 0.8 : min(1, seconds / 0.35))
        sights.append(Sight(time: time, region: region, velocity: velocity))
        sights.removeAll { time - $0.time > Self.span }
        if sights.count > 64 { sights.removeFirst() }
        // What was one bright spot may be the reflection that runs before a person.
        if phase == .tentative, region.area >= 4 * first.region.area, region.area >= 8, time - first.time < 1.2 {
            first = last
        }
    }

    private mutating func count(_ region: Region, _ velocity: SIMD2<Double>, _ seconds: Double) {
        guard region.isFresh else { return }
        let seconds = min(seconds, 0.25)
        seen += seconds
        cellSeconds += Double(min(region.area, 6)) * seconds
        if region.hasLumaSupport { lumaSeconds += seconds }
        if region.velocity != nil { vectorSeconds += seconds }
        path += velocity * seconds
        pathLength += velocity.length * seconds
    }

    /// Starts to count anew: of a standing track, for what may be its restart.
    mutating func recount(from region: Region, time: Double, duration: Double) {
        var fresh = Track(region, time: time, duration: duration)
        fresh.id = id
        fresh.phase = phase
        fresh.toldAt = toldAt
        fresh.since = since
        fresh.place = place
        fresh.isUncertain = isUncertain
        fresh.wasDoubtful = wasDoubtful
        fresh.extent = extent
        self = fresh
    }

    /// Where it ought to be.
    func predicted(at time: Double) -> Region {
        switch phase {
        case .standing: place ?? last.region
        case .tentative, .moving, .merged:
            last.region.moved(by: velocity * min(time - last.time, phase == .merged ? 10 : 0.6))
        }
    }

    /// It has gone one way for long enough: leaves in the wind and noise come back.
    /// - Parameter clutter: regions that nothing explains; the more, the more it takes.
    func isConfirmed(seconds: Double, distance: Double, clutter: Double) -> Bool {
        seen >= seconds + 0.1 * clutter && cellSeconds >= 0.9 * (1 + clutter)
            && path.length >= distance + 5 * clutter && path.length >= 0.6 * pathLength
            && path.dot(last.region.centre - first.region.centre) > 0.3 * path.dot(path) && 2 * lumaSeconds >= seen
    }

    /// Moves the first sight past those that do not belong to the movement: grain and leaves where a thing then came by.
    mutating func trim() {
        if let begin = sights.first(where: { $0.time >= first.time && $0.velocity.isAlong(path, cosine: 0.5) }) {
            first = begin
        }
    }

    /// The largest of its recent boxes.
    var largest: Region {
        sights.max { $0.region.area < $1.region.area }?.region ?? last.region
    }

    /// The mean velocity of the sights between two ages, weighted alike; nil of none.
    func velocity(from oldest: Double, to newest: Double, at time: Double) -> SIMD2<Double>? {
        let window = sights.filter { time - $0.time <= oldest && time - $0.time >= newest }
        guard !window.isEmpty else { return nil }
        return window.reduce(SIMD2.zero) { $0 + $1.velocity } / Double(window.count)
    }
}
