internal import Media

/// A group of cells in which something moves.
struct Region {
    /// Cells of the grid.
    var area: Int
    var columns: ClosedRange<Int>
    var rows: ClosedRange<Int>
    /// In px, from the upper left corner.
    var centre: SIMD2<Double>
    /// px/s, the mean of its moving cells weighted by speed: cells on its edge hold some of the ground. Nil where luma alone has shown it.
    var velocity: SIMD2<Double>?
    /// Luma has changed in a part of it.
    var hasLumaSupport: Bool
    /// It has changed since the field before.
    var isFresh: Bool

    /// Cells between the boxes of two regions; 0 where they touch.
    func distance(to other: Region) -> Int {
        max(
            0, other.columns.lowerBound - columns.upperBound, columns.lowerBound - other.columns.upperBound,
            other.rows.lowerBound - rows.upperBound, rows.lowerBound - other.rows.upperBound)
    }

    /// Cells of its box.
    var boxArea: Int { columns.count * rows.count }

    /// A small part of another region, inside of it: an arm that moves, not the person.
    func isFidget(of whole: Region) -> Bool {
        Double(boxArea) < 0.4 * Double(whole.boxArea)
            && columns.lowerBound >= whole.columns.lowerBound - 1 && columns.upperBound <= whole.columns.upperBound + 1
            && rows.lowerBound >= whole.rows.lowerBound - 1 && rows.upperBound <= whole.rows.upperBound + 1
    }

    func contains(_ cell: Int) -> Bool {
        columns.contains(cell % MotionField.columns) && rows.contains(cell / MotionField.columns)
    }

    /// The same region so many px further on, inside the picture.
    func moved(by shift: SIMD2<Double>) -> Region {
        let across = shift.x / CellGeometry.cell.x, down = shift.y / CellGeometry.cell.y
        var moved = self
        moved.columns = Self.shift(columns, by: across, limit: MotionField.columns - 1)
        moved.rows = Self.shift(rows, by: down, limit: MotionField.rows - 1)
        moved.centre += shift
        return moved
    }

    private static func shift(_ range: ClosedRange<Int>, by cells: Double, limit: Int) -> ClosedRange<Int> {
        let cells = Int(max(-40, min(40, cells)).rounded())
        let low = min(max(range.lowerBound + cells, 0), limit)
        return low...max(low, min(max(range.upperBound + cells, 0), limit))
    }

    mutating func unite(_ other: Region) {
        let (a, b) = (Double(area), Double(other.area))
        centre = (centre * a + other.centre * b) / (a + b)
        if let mine = velocity, let theirs = other.velocity {
            velocity = (mine * a + theirs * b) / (a + b)
        } else {
            velocity = velocity ?? other.velocity
        }
        area += other.area
        columns = min(columns.lowerBound, other.columns.lowerBound)...max(columns.upperBound, other.columns.upperBound)
        rows = min(rows.lowerBound, other.rows.lowerBound)...max(rows.upperBound, other.rows.upperBound)
        isFresh = isFresh || other.isFresh
        hasLumaSupport = hasLumaSupport || other.hasLumaSupport
    }

    /// The middle of its box, in px.
    var boxCentre: SIMD2<Double> {
        SIMD2(
            Double(columns.lowerBound + columns.upperBound + 1) / 2, Double(rows.lowerBound + rows.upperBound + 1) / 2)
            * CellGeometry.cell
    }

    var box: PictureRectangle {
        PictureRectangle(
            x: Double(columns.lowerBound) / Double(MotionField.columns),
            y: Double(rows.lowerBound) / Double(MotionField.rows),
            width: Double(columns.count) / Double(MotionField.columns),
            height: Double(rows.count) / Double(MotionField.rows))
    }

    /// Groups of active cells at most two apart that hold a seed.
    static func regions(in cells: ActiveCells.Result) -> [Region] {
        var open = cells.active
        var regions: [Region] = []
        for start in open.indices where open[start] && cells.seeds[start] {
            open[start] = false
            var group = [start]
            var next = 0
            while next < group.count {
                for cell in CellGeometry.close[group[next]] where open[cell] {
                    open[cell] = false
                    group.append(cell)
                }
                next += 1
            }
            regions.append(Region(group, cells))
        }
        return regions
    }

    private init(_ group: [Int], _ cells: ActiveCells.Result) {
        var (left, right, top, bottom) = (MotionField.columns, 0, MotionField.rows, 0)
        var (sum, velocity, weight, supported) = (SIMD2<Double>.zero, SIMD2<Double>.zero, 0.0, 0)
        for cell in group {
            let (row, column) = cell.quotientAndRemainder(dividingBy: MotionField.columns)
            (left, right) = (min(left, column), max(right, column))
            (top, bottom) = (min(top, row), max(bottom, row))
            sum += (SIMD2(Double(column), Double(row)) + 0.5) * CellGeometry.cell
            let speed = cells.velocity[cell].length
            if speed > 8 {
                velocity += cells.velocity[cell] * speed
                weight += speed
            }
            if cells.support[cell] > 0.6 { supported += 1 }
        }
        isFresh = group.contains { cells.fresh[$0] }
        area = group.count
        columns = left...right
        rows = top...bottom
        centre = sum / Double(group.count)
        self.velocity = weight > 0 ? velocity / weight : nil
        hasLumaSupport = supported > 0 || !cells.hasLuma
    }
}
