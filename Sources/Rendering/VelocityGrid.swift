import Media

/// Velocities on the cells of a motion field, in picture widths and heights a second, read at any place.
struct VelocityGrid {
    private let velocity: [SIMD2<Float>]
    private let isValid: [Bool]

    /// Cells whose motion is not known get that of most others, which is mostly the camera's.
    init(filling field: MotionField) {
        let isValid = field.validity.map { $0 > 0 }
        let known = zip(field.velocity, isValid).filter(\.1).map(\.0)
        let usual = SIMD2(Self.median(known.map(\.x)), Self.median(known.map(\.y)))
        velocity = zip(field.velocity, isValid).map { $1 ? $0 : usual }
        self.isValid = isValid
    }

    private static func median(_ values: [Float]) -> Float {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }

    /// The mean of several fields, in each cell over those in which its motion is known.
    init(meanOf fields: some Collection<MotionField>) {
        var sums = [SIMD2<Float>](repeating: .zero, count: MotionField.cells)
        var counts = [Float](repeating: 0, count: MotionField.cells)
        for field in fields {
            for cell in 0..<MotionField.cells where field.validity[cell] > 0 {
                sums[cell] += field.velocity[cell]
                counts[cell] += 1
            }
        }
        velocity = zip(sums, counts).map { $1 > 0 ? $0 / $1 : .zero }
        isValid = counts.map { $0 > 0 }
    }

    /// Between the centres of cells velocities are interpolated; where a mean is not known it is
    /// taken as rest.
    ///
    /// - Parameter place: fractions of the picture; places outside are moved to its border.
    func velocity(at place: SIMD2<Float>) -> SIMD2<Float> {
        let column = Tap(place.x * Float(MotionField.columns) - 0.5, count: MotionField.columns)
        let row = Tap(place.y * Float(MotionField.rows) - 0.5, count: MotionField.rows)
        return row.mix(line(row.first, column), line(row.second, column))
    }

    private func line(_ row: Int, _ column: Tap) -> SIMD2<Float> {
        let start = row * MotionField.columns
        return column.mix(velocity[start + column.first], velocity[start + column.second])
    }

    /// Whether the motion of the cell at a place inside the picture is known.
    func isKnown(at place: SIMD2<Float>) -> Bool {
        let column = min(Int(place.x * Float(MotionField.columns)), MotionField.columns - 1)
        let row = min(Int(place.y * Float(MotionField.rows)), MotionField.rows - 1)
        return isValid[row * MotionField.columns + column]
    }
}

/// The two neighbours of a position among `count` samples, and how near it is to the second one. Positions outside are
/// moved to the border.
struct Tap {
    let first: Int
    let second: Int
    let share: Float

    init(_ position: Float, count: Int) {
        let inside = min(max(position, 0), Float(count - 1))
        first = Int(inside)
        second = min(first + 1, count - 1)
        share = inside - Float(first)
    }

    func mix<Value: SIMD>(_ a: Value, _ b: Value) -> Value where Value.Scalar == Float { a + (b - a) * share }
}
