internal import Media

/// What is known of one field, in the units of this module and free of numbers that are none.
struct Observation {
    /// The end of the field, in seconds from the first field of the scene on.
    var time: Double
    /// Length of the field in seconds.
    var duration: Double
    /// px/s; (0, 0) where the validity is 0.
    var velocity: [SIMD2<Double>]
    /// Share of a cell's area × time that vectors covered, 0…1.
    var validity: [Double]
    /// 0…255; nil where the field has none.
    var luma: [Double]?
    /// The field brings a picture that no earlier field has shown.
    var hasNewLuma: Bool
    /// Standard deviation inside the cells; 0 where it is not known.
    var texture: [Double]

    /// The cells that are not masked.
    let visible: VisibleCells
    /// Mean validity of the visible cells.
    let coverage: Double
    /// Share of the visible cells that have enough texture for vectors to mean motion.
    let texturedShare: Double

    /// - Parameter texture: where more than this many levels, a cell counts as textured.
    init(_ field: MotionField, time: Double, visible: VisibleCells, textured: Double) {
        self.visible = visible
        self.time = time
        duration = (field.end - field.start).seconds
        let hasVectors = field.velocity.count == MotionField.cells && field.validity.count == MotionField.cells
        velocity = Array(repeating: .zero, count: MotionField.cells)
        validity = Array(repeating: 0, count: MotionField.cells)
        if hasVectors {
            for cell in 0..<MotionField.cells where field.validity[cell] > 0 {
                let vector = SIMD2<Double>(field.velocity[cell]) * CellGeometry.picture
                // Faster than three pictures a second nothing can be followed; a NaN fails here too.
                guard vector.length < 2_000 else { continue }
                velocity[cell] = vector
                validity[cell] = Double(min(field.validity[cell], 1))
            }
        }
        let isLuma = field.luma.count == MotionField.cells && field.luma.allSatisfy { $0 >= 0 && $0 <= 65_535 }
        luma = isLuma ? field.luma.map { min(Double($0), 255) } : nil
        hasNewLuma = isLuma && field.anchors > 0
        let isTexture = field.texture.count == MotionField.cells && field.texture.allSatisfy { $0 >= 0 && $0 <= 65_535 }
        texture = isTexture ? field.texture.map { Double($0) } : Array(repeating: 0, count: MotionField.cells)
        coverage = validity.reduce(0, +) / Double(visible.count)
        texturedShare = Double(texture.count { $0 > textured }) / Double(visible.count)
    }
}
