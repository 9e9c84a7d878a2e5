internal import Media

/// Which cells hold something that moves: vectors that luma confirms, luma that vectors confirm, or a strong change of luma.
///
/// Each cell knows its own noise: leaves, water and night grain raise what it takes there.
struct ActiveCells {
    struct Result {
        /// Cells that a region may begin with, and cells that it may grow over.
        var seeds: [Bool]
        var active: [Bool]
        /// Mean of half a second, px/s.
        var velocity: [SIMD2<Double>]
        /// Change of luma against half a second ago, as a multiple of the cell's threshold.
        var support: [Double]
        /// Luma has changed since the field before. A single jump, as of a low bit rate's key picture, supports cells for half a second, but is fresh once.
        var fresh: [Bool]
        var hasLuma: Bool
    }

    private static let lookBack = 0.42
    private var speedNoise = [Double](repeating: 0, count: MotionField.cells)
    /// It begins high: the noise of a new scene is not known yet.
    private var lumaNoise = [Double](repeating: 1, count: MotionField.cells)
    /// Share of the fast cells whose luma changes too: near 1 for things, near 0 for rain and night grain.
    private var trust = 1.0
    private var recent: [(time: Double, velocity: [SIMD2<Double>], validity: [Double])] = []

    var fieldCount: Int { recent.count }

    /// Levels by which a cell must change to count.
    func lumaThreshold(_ cell: Int) -> Double { 3 + 2 * lumaNoise[cell] }

    mutating func forgetVectors() { recent.removeAll() }

    /// - Parameters:
    ///   - camera: what the camera's movement explains is no thing's motion.
    ///   - isThing: cells where something is known to be; noise is not learned there.
    mutating func handle(
        _ observation: Observation, history: LumaHistory, camera: CameraModel?, limits: MotionLimits,
        isThing: (Int) -> Bool
    ) -> Result {
        let velocity = meanVelocity(observation, camera)
        let (support, hasLuma) = lumaSupport(observation, history, isThing)
        var (seeds, active) = (
            [Bool](repeating: false, count: velocity.count), [Bool](repeating: false, count: velocity.count)
        )
        let speeds = velocity.map(\.length)
        let needed = hasLuma ? neededSupport(speeds, support, observation, limits) : 0
        for cell in velocity.indices {
            let speed = speeds[cell]
            let coherent = speed > limits.growSpeed && Self.isCoherent(cell, velocity, speeds, limits)
            if hasLuma {
                let near = CellGeometry.beside[cell].contains { support[$0] > needed }
                seeds[cell] =
                    coherent && near && speed > limits.seedSpeed + speedNoise[cell]
                    || support[cell] > 1 && coherent || support[cell] > 1.6
                active[cell] =
                    seeds[cell] || coherent && near && speed > limits.growSpeed + speedNoise[cell] || support[cell] > 1
            } else {
                // Vectors alone cannot tell noise from motion: it takes faster ones.
                seeds[cell] = coherent && speed > limits.seedSpeedWithoutLuma + 1.5 * speedNoise[cell]
                active[cell] = seeds[cell] || coherent && speed > limits.seedSpeed + speedNoise[cell]
            }
        }
        learn(speeds, seconds: observation.duration, isThing)
        return Result(
            seeds: seeds, active: active, velocity: velocity, support: support,
            fresh: freshCells(observation, history, hasLuma), hasLuma: hasLuma)
    }

    private func freshCells(_ observation: Observation, _ history: LumaHistory, _ hasLuma: Bool) -> [Bool] {
        guard hasLuma, let now = history.newest, now.time == observation.time,
            let old = history.entry(before: now.time - 0.05)
        else {
            return [Bool](repeating: !hasLuma, count: MotionField.cells)
        }
        let visible = observation.visible
        let fit = ExposureFit(from: old.luma, to: now.luma, cells: visible.indices)
        return now.luma.indices.map {
            visible.isVisible[$0] && abs(now.luma[$0] - fit(old.luma[$0])) > 0.4 * lumaThreshold($0)
        }
    }

    private mutating func meanVelocity(_ observation: Observation, _ camera: CameraModel?) -> [SIMD2<Double>] {
        var velocity = observation.velocity
        if let camera {
            for cell in velocity.indices where observation.validity[cell] > 0 {
                velocity[cell] -= camera.velocity(at: CellGeometry.offsets[cell])
            }
        }
        recent.append((observation.time, velocity, observation.validity))
        recent.removeAll { observation.time - $0.time > Self.lookBack }
        if recent.count > 8 { recent.removeFirst() }
        var result = [SIMD2<Double>](repeating: .zero, count: velocity.count)
        for cell in velocity.indices {
            var (sum, weight) = (SIMD2<Double>.zero, 0.0)
            for field in recent {
                sum += field.velocity[cell] * field.validity[cell]
                weight += field.validity[cell]
            }
            if weight > 0.1 { result[cell] = sum / weight }
        }
        return result
    }

    private mutating func lumaSupport(
        _ observation: Observation, _ history: LumaHistory, _ isThing: (Int) -> Bool
    ) -> ([Double], hasLuma: Bool) {
        var support = [Double](repeating: 0, count: MotionField.cells)
        guard let now = history.newest, observation.time - now.time < 1,
            let old = history.entry(before: observation.time - Self.lookBack)
        else { return (support, observation.luma != nil) }
        let fit = ExposureFit(from: old.luma, to: now.luma, cells: observation.visible.indices)
        let seconds = min(observation.duration, 0.5)
        for cell in observation.visible.indices {
            let change = abs(now.luma[cell] - fit(old.luma[cell]))
            support[cell] = change / lumaThreshold(cell)
            guard !isThing(cell) else { continue }
            // Steps of 3 up and 1 down settle where three quarters of the values lie below.
            lumaNoise[cell] = min(max(0, lumaNoise[cell] + (change > lumaNoise[cell] ? 1.5 : -0.5) * seconds), 30)
        }
        return (support, true)
    }

    /// How much support of luma a vector needs: the more vectors go without any, the less one of them says.
    private mutating func neededSupport(
        _ speeds: [Double], _ support: [Double], _ observation: Observation, _ limits: MotionLimits
    ) -> Double {
        let fast = speeds.indices.filter { speeds[$0] > limits.seedSpeed }
        let supported = fast.count { cell in CellGeometry.beside[cell].contains { support[$0] > 0.6 } }
        let share = fast.count < 10 ? 1 : Double(supported) / Double(fast.count)
        trust += (share - trust) * min(1, observation.duration / 1.5)
        return min(1.6, max(0.6, 0.45 / max(trust, 0.1)))
    }

    private mutating func learn(_ speeds: [Double], seconds: Double, _ isThing: (Int) -> Bool) {
        let seconds = min(seconds, 0.5)
        for cell in speeds.indices where !isThing(cell) {
            // Steps that grow with the noise: hundreds of px/s of a storm are learned in seconds.
            let step = (4 + 0.3 * speedNoise[cell]) * seconds
            speedNoise[cell] = min(
                max(0, speedNoise[cell] + (speeds[cell] > speedNoise[cell] ? 1.5 : -0.5) * step), 400)
        }
    }

    /// At least one neighbour moves, and all of them about the same way.
    private static func isCoherent(
        _ cell: Int, _ velocity: [SIMD2<Double>], _ speeds: [Double], _ limits: MotionLimits
    ) -> Bool {
        var (sum, count) = (SIMD2<Double>.zero, 0.0)
        for other in CellGeometry.adjacent[cell] where speeds[other] > limits.growSpeed {
            sum += velocity[other] / speeds[other]
            count += 1
        }
        return count >= 2 && sum.length >= 0.6 * count
    }
}
