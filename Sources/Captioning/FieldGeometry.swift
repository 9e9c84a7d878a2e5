import Media

/// Units of this module: pixels and px/s of a picture scaled to 640 × 360, whatever its real size.
enum FieldGeometry {
    static let pixels = SIMD2<Double>(640, 360)
    static let cellPixels = SIMD2(640 / Double(MotionField.columns), 360 / Double(MotionField.rows))

    /// Velocity of a cell in px/s; nil where it is not known.
    static func velocity(of field: MotionField, cell: Int) -> SIMD2<Double>? {
        guard field.validity[cell] > 0 else { return nil }
        let velocity = SIMD2(Double(field.velocity[cell].x), Double(field.velocity[cell].y)) * pixels
        return velocity.length.isFinite ? velocity : nil
    }

    static func hasLuma(_ field: MotionField) -> Bool {
        field.luma.count == MotionField.cells && field.texture.count == MotionField.cells
    }
}

extension SIMD2<Double> {
    var length: Double { (x * x + y * y).squareRoot() }
    func dot(_ other: Self) -> Double { x * other.x + y * other.y }
}

/// One of the eight directions of the picture.
struct Direction: Equatable {
    let horizontal: Int
    let vertical: Int

    /// Within 22.5° of an axis it is that axis alone.
    init(_ velocity: SIMD2<Double>) {
        let tangent = 0.4142
        horizontal = abs(velocity.x) > tangent * abs(velocity.y) ? (velocity.x < 0 ? -1 : 1) : 0
        vertical = abs(velocity.y) > tangent * abs(velocity.x) ? (velocity.y < 0 ? -1 : 1) : 0
    }

    var words: String {
        [["up and left", "up", "up and right"], ["left", "", "right"], ["down and left", "down", "down and right"]][
            vertical + 1][horizontal + 1]
    }
}
