import Media
import MediaTesting

/// How well the fields of an encoded scene tell its motion.
struct FlowScore {
    /// Pixels a picture, over valid cells that no object edge crosses.
    let meanError: Double
    /// Share of valid cells.
    let coverage: Double

    /// Error and coverage, separated by a semicolon.
    var line: String {
        func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
        return "\(rounded(meanError));\(rounded(coverage))"
    }

    /// - Parameter start: the number of the scene's first picture. The last fields of the scene, which may reach into the next
    ///   one, are left out.
    init(scene: Scene, start: Double, fields: [MotionField]) {
        let first = start / Double(Scene.framesPerSecond)
        var errors: [Double] = []
        var cells = 0, valid = 0
        for field in fields where field.start.seconds >= first - 0.001 && field.end.seconds <= first + 1.8 {
            cells += MotionField.cells
            for cell in 0..<MotionField.cells where field.validity[cell] > 0 {
                valid += 1
                guard let truth = scene.motion(cell: cell, during: field, start: start) else { continue }
                let picture = SIMD2(Double(Scene.width), Double(Scene.height)) / Double(Scene.framesPerSecond)
                let error = SIMD2<Double>(field.velocity[cell]) * picture - truth
                errors.append((error * error).sum().squareRoot())
            }
        }
        meanError = errors.isEmpty ? .infinity : errors.reduce(0, +) / Double(errors.count)
        coverage = cells > 0 ? Double(valid) / Double(cells) : 0
    }
}

extension Scene {
    /// The motion in a cell during a field, in pixels a picture; nil where an edge of the square crosses the cell between the
    /// field's start and the anchor picture that closes it (at most four pictures after its end).
    fileprivate func motion(cell: Int, during field: MotionField, start: Double) -> SIMD2<Double>? {
        let size = SIMD2(
            Double(Self.width) / Double(MotionField.columns), Double(Self.height) / Double(MotionField.rows))
        let low = SIMD2(Double(cell % MotionField.columns), Double(cell / MotionField.columns)) * size
        let centre = low + size / 2
        let ground = groundMotion(x: centre.x, y: centre.y)
        guard let square else { return ground }
        let first = (field.start.seconds * Double(Self.framesPerSecond)).rounded(.down) - start
        let last = (field.end.seconds * Double(Self.framesPerSecond)).rounded(.up) + 4 - start
        let places = stride(from: first, through: last, by: 1).map { time in
            square.covers(low, low + size, at: time)
        }
        if places.allSatisfy({ $0 == .all }) { return square.velocity }
        return places.allSatisfy { $0 == .none } ? ground : nil
    }
}

private enum Cover {
    case all, some, none
}

extension Scene.Square {
    fileprivate func covers(_ low: SIMD2<Double>, _ high: SIMD2<Double>, at time: Double) -> Cover {
        let corner = SIMD2(x, y) + velocity * time
        let end = corner + side
        if low.x >= corner.x, low.y >= corner.y, high.x <= end.x, high.y <= end.y { return .all }
        if high.x <= corner.x || high.y <= corner.y || low.x >= end.x || low.y >= end.y { return .none }
        return .some
    }
}
