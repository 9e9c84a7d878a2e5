internal import Media

/// The camera's movement as the vectors show it.
struct VectorCamera {
    var model: CameraModel
    /// Share of the cells' weight that agrees with it.
    var agreement: Double

    private static let rounds = 8
    private static let still = 6.0

    /// A fit that weighs the cells anew in each round, from two starts: the median of the moving cells, and all cells alike. Nil where no movement
    /// explains enough of the picture.
    init?(_ observation: Observation) {
        let cells = (0..<MotionField.cells).filter { observation.validity[$0] > 0.2 }
        let moving = cells.filter { observation.velocity[$0].length > Self.still }
        guard Double(moving.count) >= 0.08 * Double(observation.visible.count) else { return nil }
        let median = SIMD2(
            quantile(moving.map { observation.velocity[$0].x }, 0.5),
            quantile(moving.map { observation.velocity[$0].y }, 0.5))
        var best: (model: CameraModel, agreement: Double)?
        for start in [CameraModel(shift: median), nil] {
            guard let model = Self.fit(observation, cells, from: start) else { continue }
            let agreement = Self.agreement(of: model, observation, cells)
            if agreement > best?.agreement ?? 0 { best = (model, agreement) }
        }
        guard let best, best.agreement > 0.45,
            Self.explains(observation, best.model, cells: cells, moving: moving)
        else { return nil }
        model = best.model
        agreement = best.agreement
    }

    private static func weight(_ observation: Observation, _ cell: Int) -> Double {
        min(max((observation.texture[cell] - 1) / 3, 0.05), 1) * observation.validity[cell]
    }

    private static func error(_ observation: Observation, _ model: CameraModel, _ cell: Int) -> (
        size: Double, limit: Double
    ) {
        let expected = model.velocity(at: CellGeometry.offsets[cell])
        return ((observation.velocity[cell] - expected).length, max(6, 0.3 * expected.length))
    }

    private static func fit(_ observation: Observation, _ cells: [Int], from start: CameraModel?) -> CameraModel? {
        var model = start
        for _ in 0..<rounds {
            var fit = CameraModelFit()
            for cell in cells {
                var weight = weight(observation, cell)
                if let model {
                    let error = error(observation, model, cell)
                    let ratio = error.size / error.limit
                    weight /= 1 + ratio * ratio * ratio * ratio
                }
                fit.add(CellGeometry.offsets[cell], observation.velocity[cell], weight: weight)
            }
            guard let next = fit.model else { return nil }
            model = next
        }
        return model
    }

    private static func agreement(of model: CameraModel, _ observation: Observation, _ cells: [Int]) -> Double {
        var (agreeing, all) = (0.0, 0.0)
        for cell in cells {
            let weight = weight(observation, cell), error = error(observation, model, cell)
            all += weight
            if error.size < error.limit { agreeing += weight }
        }
        return all > 0 ? agreeing / all : 0
    }

    /// Agreement all over the picture, of most of what moves, and little that stands still where it should not.
    private static func explains(_ observation: Observation, _ model: CameraModel, cells: [Int], moving: [Int]) -> Bool
    {
        var sectors = [Int](repeating: 0, count: 16)
        var (textured, standing) = (0.0, 0.0)
        for cell in cells {
            let error = error(observation, model, cell)
            if error.size < error.limit { sectors[CellGeometry.sectors[cell]] += 1 }
            let expected = model.velocity(at: CellGeometry.offsets[cell]).length
            if observation.texture[cell] > 4, expected > 10 {
                textured += 1
                if observation.velocity[cell].length < 0.25 * expected { standing += 1 }
            }
        }
        let agreeing = moving.count {
            let error = error(observation, model, $0)
            return error.size < error.limit
        }
        var open = [Int](repeating: 0, count: 16)
        for cell in observation.visible.indices { open[CellGeometry.sectors[cell]] += 1 }
        let judged = open.count { $0 >= 20 }
        return 16 * sectors.count { $0 >= 4 } >= 9 * judged && judged >= 4 && standing <= 0.3 * textured
            && 2 * agreeing > moving.count
    }
}
