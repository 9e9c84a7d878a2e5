internal import Media
internal import MediaTesting
internal import MotionEvents

/// Fields of a scene that was drawn on the grid: a textured ground, and a thing that may move over it.
struct MadeScene {
    static let rate = 6.0
    private var grain = Generator(state: 7)
    private let ground: [Float]
    private var count: Int64 = 0

    init() {
        var random = Generator(state: 3)
        ground = (0..<MotionField.cells).map { _ in Float(100 + 50 * random.nextUnit()) }
    }

    /// The next field. The thing is a dark rectangle with its upper left corner at (x, y) in cells, `size` wide and high; px/s of 640 × 360.
    mutating func next(
        thing: (x: Double, y: Double, size: SIMD2<Double>, velocity: SIMD2<Double>)? = nil, pan: SIMD2<Double> = .zero,
        light: Double = 1, noise: Double = 0.3
    ) -> MotionField {
        let start = Clip.fieldDuration * count
        count += 1
        var field = MotionField(start: start, end: start + Clip.fieldDuration, anchors: 1)
        field.luma = ground
        field.validity = Array(repeating: 1, count: MotionField.cells)
        field.texture = Array(repeating: 12, count: MotionField.cells)
        let still = SIMD2<Float>(SIMD2(pan.x / 640, pan.y / 360))
        field.velocity = Array(repeating: still, count: MotionField.cells)
        for cell in 0..<MotionField.cells {
            let (row, column) = cell.quotientAndRemainder(dividingBy: MotionField.columns)
            if let thing {
                let across = overlap(Double(column), thing.x, thing.x + thing.size.x)
                let down = overlap(Double(row), thing.y, thing.y + thing.size.y)
                let share = across * down
                field.luma[cell] = Float(Double(field.luma[cell]) * (1 - share) + 20 * share)
                if share > 0.5 {
                    field.velocity[cell] = SIMD2<Float>(SIMD2(thing.velocity.x / 640, thing.velocity.y / 360))
                }
            }
            field.luma[cell] = Float(max(0, min(255, Double(field.luma[cell]) * light + noise * grain.nextGaussian())))
        }
        return field
    }

    private func overlap(_ cell: Double, _ low: Double, _ high: Double) -> Double {
        max(0, min(cell + 1, high) - max(cell, low))
    }
}

/// Seconds from the start of the media.
extension MotionEvent {
    var at: Double { start.seconds }
}
