/// The vectors of one picture summed a cell: whole numbers, so no order of blocks changes them.
package struct CellSums: Sendable, Hashable {
    /// One cell. Areas count pixels × 720 (36 columns × 20 rows), so that the overlap of a block and a cell is whole.
    package struct Cell: BitwiseCopyable, Sendable, Hashable {
        package var area: Int64 = 0
        /// Area × vector in quarter pixels.
        package var x: Int64 = 0
        package var y: Int64 = 0

        package init() {}

        @inline(__always)
        mutating func add(_ area: Int64, _ x: Int64, _ y: Int64) {
            self.area &+= area
            self.x &+= area &* x
            self.y &+= area &* y
        }
    }

    package var cells: [Cell]

    package init(count: Int) {
        cells = Array(repeating: Cell(), count: count)
    }
}
