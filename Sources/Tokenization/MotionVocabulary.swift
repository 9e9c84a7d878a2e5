/// What each motion id means. Velocities are in pixels a second of a picture scaled to 640 × 360.
enum MotionVocabulary {
    /// Global velocity of a slice, level + 63.
    static let globalX = 0..<127
    static let globalY = 128..<255
    /// Which of the nine blocks of a block row are valid; bit 0 is the leftmost.
    static let mask = 256..<768
    /// 768 + 29 (x level + 14) + (y level + 14).
    static let residual = 768..<1609
    /// First id of the run less 1, plus n: the next n cells are as `Run` says.
    static let runs: [(run: Run, ids: Range<Int>)] = [
        (.rest, 1609..<1736), (.above, 1736..<1863), (.before, 1863..<1990), (.left, 1990..<1997),
    ]
    /// All cells of the slice that are still to come rest.
    static let restOfSlice = 1997
    /// Instead of five masks: as in the slice before.
    static let sameMask = 1998
    /// Instead of a slice: all as in the slice before.
    static let sameSlice = 1999
    /// The step of the ladder; first id of a clip.
    static let quantizer = 2000..<2000 + MotionLadder.rungs.count
    static let count = 2048

    /// 545 ids of 11 bits are 5 995 bits in 4 s: 1.5 kbit/s.
    static let maximumIDs = 545

    /// ⌊2n + n³/128⌋: 2 px/s apart at rest, a tenth of the speed where it is fast.
    static let global = LevelTable((0...63).map { 2 * $0 + $0 * $0 * $0 / 128 })
    static let residualLevels = LevelTable([0, 8, 16, 26, 38, 52, 70, 94, 125, 165, 220, 300, 420, 600, 900])

    /// What a run of cells repeats: nothing, or the residual of another cell.
    enum Run {
        /// No residual: the cells move with the slice.
        case rest
        /// Of the cell above.
        case above
        /// Of the same cell in the slice before.
        case before
        /// Of the cell that was coded last.
        case left
    }
}

/// How finely a clip is cut in time and space.
struct MotionRung: Sendable, Hashable {
    /// Time slices a clip; divides 24.
    var slices: Int
    /// Field cells on a side of a coded cell: 1, 2 or 4.
    var side: Int
    /// Differences shorter than this many px/s were not told. Decoding does not need it.
    var tolerance: Double
}

/// The quantisers in the order of their ids: eight grids from fine to coarse, each with six tolerances. Any clip fits the
/// last grid: 1 + 8 (2 + 5 + 45) = 417 ids.
enum MotionLadder {
    static let grids: [(slices: Int, side: Int)] = [
        (24, 1), (12, 1), (8, 1), (24, 2), (12, 2), (24, 4), (12, 4), (8, 4),
    ]
    static let tolerances = [6.0, 10, 16, 27, 45, 75]
    static let rungs = grids.flatMap { grid in
        tolerances.map { MotionRung(slices: grid.slices, side: grid.side, tolerance: $0) }
    }
}
