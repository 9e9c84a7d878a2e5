internal import Media

/// Follows the camera from field to field: still, panning, tilting, zooming or shaking.
struct CameraTracker {
    enum Kind { case pan, tilt, zoom, shake }

    enum Event {
        case began(Kind, model: CameraModel, start: Double, isUncertain: Bool)
        case ended(start: Double, isUncertain: Bool)
    }

    private struct Sample {
        var time: Double
        var duration: Double
        var model: CameraModel
        var isMoving: Bool
        var isUncertain: Bool
    }

    /// px/s and a second; below, the camera stands.
    private static let leastShift = 9.6
    private static let leastGrowth = 0.04
    private static let confirmAfter = 0.45
    private static let endAfter = 0.48
    private static let bridge = 1.2
    private static let span = 1.6
    private static let settles = 0.3
    private static let suspicion = 3.0

    private var samples: [Sample] = []
    /// When the movement that is under way began, confirmed or not.
    private(set) var candidate: Double?
    private(set) var kind: Kind?
    private var isUncertain = false
    private var lastMoving = -Double.infinity
    private var ended = -Double.infinity
    private var suspected = -Double.infinity
    /// Mean number of cells that changed while it moved.
    private var usualChange = 0.0

    var sampleCount: Int { samples.count }

    /// The newest model, where one was seen.
    private(set) var newest: CameraModel?

    /// The movement is certain.
    var moves: Bool { kind != nil }
    /// Something looks like a movement of the camera, and is not decided yet.
    var isUndecided: Bool { kind == nil && candidate != nil }
    /// Things cannot be told from the ground.
    func blanksRegions(at time: Double) -> Bool { kind != nil || time - ended < Self.settles }
    /// It moves, or has moved in so many seconds.
    func hasMoved(within seconds: Double, at time: Double) -> Bool { kind != nil || time - ended < seconds }

    /// In the last seconds it has looked for more than one field as if it moved.
    func isSuspected(at time: Double) -> Bool { time - suspected < Self.suspicion }

    /// - Parameters:
    ///   - changed: how many cells have changed since the field before.
    ///   - holds: whether a movement also explains what has changed since a time, all at once. Noise in front of a plain ground looks like a movement
    ///     for some fields, each time like another.
    mutating func handle(
        _ sight: CameraSight?, time: Double, duration: Double, changed: Int,
        holds: (CameraModel, _ since: Double) -> Bool
    ) -> Event? {
        let model = sight?.model ?? .still
        let isMoving = model.shift.length > Self.leastShift || abs(model.growth) > Self.leastGrowth
        samples.append(
            Sample(
                time: time, duration: duration, model: model, isMoving: isMoving,
                isUncertain: sight?.isUncertain ?? false))
        samples.removeAll { time - $0.time > Self.span }
        newest = sight?.model
        if isMoving {
            if candidate == nil { candidate = time - duration }
            if samples.dropLast().last?.isMoving == true { suspected = time }
            lastMoving = time
            usualChange += (Double(changed) - usualChange) * 0.3
            return kind == nil ? decide(time, holds) : nil
        }
        return rest(time, changed: changed)
    }

    private mutating func rest(_ time: Double, changed: Int) -> Event? {
        guard candidate != nil else { return nil }
        let pause = time - lastMoving
        guard kind != nil else {
            if pause > 0.3 { forget() }
            return nil
        }
        let isBridged = kind != .shake && pause < Self.bridge && Double(changed) >= 0.4 * usualChange && changed > 20
        guard pause >= Self.endAfter, !isBridged else { return nil }
        defer {
            forget()
            ended = time
        }
        return .ended(start: endTime(), isUncertain: isUncertain)
    }

    private mutating func forget() {
        candidate = nil
        kind = nil
        samples.removeAll()
        usualChange = 0
    }

    /// The last moving field holds a part of the movement only where it is slower than the one before.
    private func endTime() -> Double {
        let moving = samples.filter(\.isMoving)
        guard let last = moving.last else { return lastMoving }
        guard kind != .shake, moving.count > 1 else { return last.time }
        let before = moving[moving.count - 2].model.speed
        let share = before > 0 ? min(last.model.speed / before, 1) : 1
        return last.time - last.duration * (1 - share)
    }

    private mutating func decide(_ time: Double, _ holds: (CameraModel, Double) -> Bool) -> Event? {
        let moving = samples.filter { $0.isMoving && $0.time > candidate ?? time }
        guard moving.count >= 3, let first = moving.first, let kind = classify(moving, time) else { return nil }
        let isUncertain = 2 * moving.count(where: \.isUncertain) > moving.count
        if isUncertain {
            guard moving.count > 3 else { return nil }
            if kind != .shake, !holds(Self.mean(moving), first.time - first.duration) { return nil }
        }
        self.kind = kind
        self.isUncertain = isUncertain
        let start = kind == .shake ? first.time - first.duration : Self.startTime(moving)
        return .began(kind, model: Self.mean(moving), start: start, isUncertain: isUncertain)
    }

    private static func startTime(_ moving: [Sample]) -> Double {
        let first = moving[0], second = moving[1]
        let share = second.model.speed > 0 ? min(first.model.speed / second.model.speed, 1) : 1
        return first.time - first.duration * max(share, 0.15)
    }

    private static func mean(_ samples: [Sample]) -> CameraModel {
        var sum = CameraModel.still
        for sample in samples {
            sum.shift += sample.model.shift / Double(samples.count)
            sum.growth += sample.model.growth / Double(samples.count)
            sum.turn += sample.model.turn / Double(samples.count)
        }
        return sum
    }

    private func classify(_ moving: [Sample], _ time: Double) -> Kind? {
        let recent = samples.filter { time - $0.time <= 1.3 && $0.time > candidate ?? time }
        let turns = max(Self.signChanges(recent.map(\.model.shift.x)), Self.signChanges(recent.map(\.model.shift.y)))
        let mean = Self.mean(recent)
        let meanSpeed = recent.reduce(0) { $0 + $1.model.shift.length } / Double(max(recent.count, 1))
        if turns >= 2, mean.shift.length < 0.45 * meanSpeed { return .shake }
        guard let first = moving.first, time - (first.time - first.duration) >= Self.confirmAfter else { return nil }
        let last = moving.filter { time - $0.time < 0.65 }
        let model = Self.mean(last)
        let sameSign = last.allSatisfy { $0.model.growth * model.growth > 0 }
        if abs(model.growth) > 0.05, sameSign, abs(model.growth) * 180 > model.shift.length { return .zoom }
        let speed = last.reduce(0) { $0 + $1.model.shift.length } / Double(max(last.count, 1))
        guard model.shift.length > Self.leastShift, model.shift.length > 0.7 * speed, turns == 0 else { return nil }
        return abs(model.shift.x) >= abs(model.shift.y) ? .pan : .tilt
    }

    private static func signChanges(_ values: [Double]) -> Int {
        let signs = values.filter { abs($0) > 5 }.map { $0 > 0 }
        return zip(signs, signs.dropFirst()).count { $0 != $1 }
    }
}
