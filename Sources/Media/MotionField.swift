/// The motion and the look of a sixth of a second on a grid of 20 × 36 cells, rows top to bottom, row by row.
public struct MotionField: Sendable, Hashable {
    public static let columns = 36
    public static let rows = 20
    public static let cells = rows * columns

    /// The span of media time it covers.
    public var start: MediaTime
    public var end: MediaTime
    /// Mean velocity a cell in frame widths (x, rightwards) and frame heights (y, downwards) a second; (0, 0) where invalid.
    public var velocity: [SIMD2<Float>]
    /// Share of a cell's area × time that vectors covered, 0…1. A cell of 0 is invalid: its motion is not known.
    public var validity: [Float]
    /// Mean luma a cell of the newest anchor picture so far, 0…255; empty before the first one.
    public var luma: [Float]
    /// Standard deviation of the quarter-size luma picture inside a cell; empty where `luma` is.
    public var texture: [Float]
    /// Anchor pictures (I and P) that lie in the span.
    public var anchors: Int

    public init(
        start: MediaTime, end: MediaTime, velocity: [SIMD2<Float>]? = nil, validity: [Float]? = nil, luma: [Float] = [],
        texture: [Float] = [], anchors: Int = 0
    ) {
        self.start = start
        self.end = end
        self.velocity = velocity ?? Array(repeating: .zero, count: Self.cells)
        self.validity = validity ?? Array(repeating: 0, count: Self.cells)
        self.luma = luma
        self.texture = texture
        self.anchors = anchors
    }

    /// Share of cells that are valid.
    public var coverage: Double {
        Double(validity.count { $0 > 0 }) / Double(Self.cells)
    }
}
