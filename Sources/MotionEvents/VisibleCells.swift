internal import Media

/// The cells that are not masked. A masked cell has luma 0, texture 0 and no vectors in every field; it is neither change nor ground.
///
/// A cell that has once shown anything else stays visible: a light that goes off is seen.
struct VisibleCells {
    private static let all = Array(0..<MotionField.cells)
    /// Nil until a field with luma has come.
    private var isMasked: [Bool]?
    /// In ascending order; all of them where nothing is known, and where every cell would be masked.
    private(set) var indices = Self.all
    /// As many as cells of the grid.
    private(set) var isVisible = Array(repeating: true, count: MotionField.cells)

    var count: Int { indices.count }

    /// Nothing of the picture is masked.
    var isWhole: Bool { indices.count == MotionField.cells }

    mutating func handle(_ field: MotionField) {
        let cells = MotionField.cells
        guard field.luma.count == cells, field.texture.count == cells, field.validity.count == cells else { return }
        if let isMasked, !isMasked.contains(true) { return }
        var masked = isMasked ?? Array(repeating: true, count: cells)
        for cell in Self.all where masked[cell] {
            masked[cell] = field.luma[cell] == 0 && field.texture[cell] == 0 && field.validity[cell] == 0
        }
        guard masked != isMasked else { return }
        isMasked = masked
        indices = Self.all.filter { !masked[$0] }
        if indices.isEmpty { indices = Self.all }
        isVisible = Array(repeating: false, count: cells)
        for cell in indices { isVisible[cell] = true }
    }
}
