internal import Media

extension PictureSide {
    /// Out of the picture.
    var outward: SIMD2<Double> {
        switch self {
        case .left: SIMD2(-1, 0)
        case .right: SIMD2(1, 0)
        case .top: SIMD2(0, -1)
        case .bottom: SIMD2(0, 1)
        }
    }

    /// Cells between a region and this side.
    func gap(to region: Region) -> Int {
        switch self {
        case .left: region.columns.lowerBound
        case .right: MotionField.columns - 1 - region.columns.upperBound
        case .top: region.rows.lowerBound
        case .bottom: MotionField.rows - 1 - region.rows.upperBound
        }
    }

    /// px from a place to this side; below 0 outside.
    func distance(to place: SIMD2<Double>) -> Double {
        switch self {
        case .left: place.x
        case .right: CellGeometry.picture.x - place.x
        case .top: place.y
        case .bottom: CellGeometry.picture.y - place.y
        }
    }

    private var cell: Double { self == .left || self == .right ? CellGeometry.cell.x : CellGeometry.cell.y }

    /// The side that something which moves like this comes from, if the region lies within `reach` cells of it.
    static func behind(_ region: Region, motion: SIMD2<Double>, reach: Int) -> PictureSide? {
        ahead(region, motion: -motion, reach: reach)
    }

    /// The side that something which moves like this goes to, if the region lies within `reach` cells of it.
    static func ahead(_ region: Region, motion: SIMD2<Double>, reach: Int) -> PictureSide? {
        guard motion.length > 0 else { return nil }
        let sides = allCases.filter { $0.gap(to: region) <= reach && $0.outward.dot(motion) > 0.45 * motion.length }
        return sides.max { $0.outward.dot(motion) < $1.outward.dot(motion) }
    }
}
