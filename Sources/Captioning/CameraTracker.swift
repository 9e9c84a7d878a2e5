import Media

/// Follows the camera: still, or panning. A pan is claimed only where enough of the picture has texture, because noise on
/// flat ground gives vectors that agree with each other and mean nothing.
struct CameraTracker {
    enum Event: Equatable {
        /// The picture's content moves with this velocity in px/s since `since`; the camera turns the other way.
        case pan(SIMD2<Double>, since: MediaTime)
        case stop(since: MediaTime)
    }

    private static let confirmAfter = MediaTime(seconds: 0.5)
    private static let endAfter = MediaTime(seconds: 0.8)
    private var run: (start: MediaTime, direction: Direction, velocity: SIMD2<Double>, fields: Int)?
    private var lastMoving: MediaTime?
    private var said: Direction?

    /// Camera motion is seen, or was until a short while ago.
    var moves: Bool { lastMoving != nil }

    mutating func handle(_ field: MotionField) -> Event? {
        guard let velocity = Self.cameraVelocity(field) else { return rest(field) }
        lastMoving = field.end
        let direction = Direction(velocity)
        if let run, run.velocity.dot(velocity) > 0.8 * run.velocity.length * velocity.length {
            let mean = run.velocity + (velocity - run.velocity) / Double(run.fields + 1)
            self.run = (run.start, Direction(mean), mean, run.fields + 1)
        } else {
            run = (field.start, direction, velocity, 1)
        }
        guard let run, run.fields >= 3, field.end - run.start >= Self.confirmAfter, said != run.direction else {
            return nil
        }
        said = run.direction
        return .pan(run.velocity, since: run.start)
    }

    private mutating func rest(_ field: MotionField) -> Event? {
        guard let lastMoving, field.end - lastMoving >= Self.endAfter else { return nil }
        self.lastMoving = nil
        run = nil
        defer { said = nil }
        return said == nil ? nil : .stop(since: lastMoving)
    }

    /// The common velocity of the picture's cells where it can only be the camera's; nil otherwise.
    static func cameraVelocity(_ field: MotionField) -> SIMD2<Double>? {
        guard FieldGeometry.hasLuma(field), field.texture.count(where: { $0 > 4 }) > MotionField.cells / 5 else {
            return nil
        }
        let cells = (0..<MotionField.cells).compactMap { cell in
            FieldGeometry.velocity(of: field, cell: cell).map { (cell, $0, weight(field.texture[cell])) }
        }
        guard cells.count > MotionField.cells / 4 else { return nil }
        let median = SIMD2(
            weightedMedian(cells.map { ($0.1.x, $0.2) }), weightedMedian(cells.map { ($0.1.y, $0.2) }))
        guard median.length > 12 else { return nil }
        let tolerance = max(6, 0.3 * median.length)
        var (agreeing, all) = (0.0, 0.0)
        var sectors = [Int](repeating: 0, count: 16)
        for (cell, velocity, weight) in cells {
            all += weight
            guard (velocity - median).length < tolerance else { continue }
            agreeing += weight
            let (row, column) = cell.quotientAndRemainder(dividingBy: MotionField.columns)
            sectors[row / 5 * 4 + column / 9] += 1
        }
        return agreeing > 0.6 * all && sectors.count(where: { $0 >= 4 }) >= 9 ? median : nil
    }

    private static func weight(_ texture: Float) -> Double {
        min(max((Double(texture) - 1) / 3, 0.05), 1)
    }

    private static func weightedMedian(_ values: [(value: Double, weight: Double)]) -> Double {
        let half = values.reduce(0) { $0 + $1.weight } / 2
        var sum = 0.0
        for (value, weight) in values.sorted(by: { $0.value < $1.value }) {
            sum += weight
            if sum >= half { return value }
        }
        return 0
    }
}
