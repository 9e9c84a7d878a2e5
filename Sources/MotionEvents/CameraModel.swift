internal import Media

/// How the picture's content moves where the camera does: shift, growth and turn about the middle of the picture.
struct CameraModel {
    /// px/s.
    var shift = SIMD2<Double>.zero
    /// A second.
    var growth = 0.0
    /// Radians a second, clockwise on the screen.
    var turn = 0.0

    static let still = Self()

    /// px/s of the content at a place seen from the middle of the picture.
    func velocity(at place: SIMD2<Double>) -> SIMD2<Double> {
        shift + place * growth + SIMD2(-place.y, place.x) * turn
    }

    /// The mean speed over the picture, roughly.
    var speed: Double { shift.length + 180 * (abs(growth) + abs(turn)) }
}

/// Sums of a weighted least-squares fit of a `CameraModel` to velocities: the normal equations fall apart into a division each.
struct CameraModelFit {
    private var weight = 0.0
    private var place = SIMD2<Double>.zero
    private var square = 0.0
    private var velocity = SIMD2<Double>.zero
    private var outward = 0.0
    private var around = 0.0

    mutating func add(_ place: SIMD2<Double>, _ velocity: SIMD2<Double>, weight: Double) {
        self.weight += weight
        self.place += weight * place
        square += weight * place.dot(place)
        self.velocity += weight * velocity
        outward += weight * place.dot(velocity)
        around += weight * (place.x * velocity.y - place.y * velocity.x)
    }

    /// Nil where the places do not determine it.
    var model: CameraModel? {
        guard weight > 0 else { return nil }
        let spread = square - place.dot(place) / weight
        guard spread > weight else { return nil }
        let growth = (outward - place.dot(velocity) / weight) / spread
        let turn = (around - (place.x * velocity.y - place.y * velocity.x) / weight) / spread
        let shift = (velocity - place * growth - SIMD2(-place.y, place.x) * turn) / weight
        return CameraModel(shift: shift, growth: growth, turn: turn)
    }
}
