import Media

/// A side of the picture.
enum Border: String {
    case left, right, top, bottom

    var isVertical: Bool { self == .top || self == .bottom }

    /// The border that a region touches, and that motion along `inward` leads away from.
    static func touched(by region: Region, inward: SIMD2<Double>) -> Border? {
        if abs(inward.x) >= abs(inward.y) {
            if region.columns.lowerBound == 0, inward.x > 0 { return .left }
            if region.columns.upperBound == MotionField.columns - 1, inward.x < 0 { return .right }
        }
        if region.rows.lowerBound == 0, inward.y > 0 { return .top }
        if region.rows.upperBound == MotionField.rows - 1, inward.y < 0 { return .bottom }
        return nil
    }

    /// Cells from the border to the far side of a region.
    func reach(of region: Region) -> Int {
        switch self {
        case .left: region.columns.upperBound + 1
        case .right: MotionField.columns - region.columns.lowerBound
        case .top: region.rows.upperBound + 1
        case .bottom: MotionField.rows - region.rows.lowerBound
        }
    }

    /// Cells of a region across the border.
    func depth(of region: Region) -> Int {
        isVertical ? region.rows.count : region.columns.count
    }
}
