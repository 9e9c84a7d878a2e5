internal import Media

/// Tells whether two grids of luma show different places.
enum Cut {
    enum Strength {
        /// Much of the picture has changed.
        case whole
        /// Little has: the picture is plain, or noise at a low bit rate.
        case slight
    }

    /// What may be a cut, if it lasts.
    struct Candidate {
        /// The grids on its two sides.
        var before: [Double]
        var after: [Double]
        var start: Double
        /// When it was seen.
        var time: Double

        /// The next picture still shows the new place: noise does not look the same for long.
        func isConfirmed(by luma: [Double], cells: [Int]) -> Bool {
            guard let likeness = Cut.correlation(after, luma, cells: cells) else { return false }
            return likeness > 0.7 && Cut.between(before, luma, cells: cells) != nil
        }
    }

    /// A cut leaves next to no correlation; a light that goes on leaves nearly all of it. Nil where there is none.
    static func between(_ old: [Double], _ new: [Double], cells: [Int]) -> Strength? {
        guard let likeness = correlation(old, new, cells: cells) else { return nil }
        let changed = Double(cells.count { abs(new[$0] - old[$0]) > 8 }) / Double(cells.count)
        if likeness < 0.5, changed > 0.4 { return .whole }
        return likeness < 0.35 && changed > 0.04 ? .slight : nil
    }

    /// Nil where one of them has no structure.
    static func correlation(_ old: [Double], _ new: [Double], cells: [Int]) -> Double? {
        let count = Double(cells.count)
        let meanOld = cells.reduce(0) { $0 + old[$1] } / count, meanNew = cells.reduce(0) { $0 + new[$1] } / count
        var (products, squaresOld, squaresNew) = (0.0, 0.0, 0.0)
        for cell in cells {
            let a = old[cell] - meanOld, b = new[cell] - meanNew
            products += a * b
            squaresOld += a * a
            squaresNew += b * b
        }
        guard squaresOld > 4 * count, squaresNew > 4 * count else { return nil }
        return products / (squaresOld * squaresNew).squareRoot()
    }
}
