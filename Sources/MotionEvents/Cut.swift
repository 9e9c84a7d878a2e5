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

    /// A cut leaves next to no correlation; a light that goes on leaves nearly all of it, and edges where they were. Nil where there is none.
    static func between(_ old: [Double], _ new: [Double], cells: [Int]) -> Strength? {
        let changed = Double(cells.count { abs(new[$0] - old[$0]) > 8 }) / Double(cells.count)
        switch correlation(old, new, cells: cells) {
        case .some(..<0.5) where changed > 0.4: return .whole
        case .some(..<0.35) where changed > 0.04: return .slight
        case .some:
            return changed > 0.4 && isOneWay(old, new, cells: cells) && losesEdges(old, new, cells: cells)
                ? .whole : nil
        // One of them is blank.
        case nil: return changed > 0.15 && losesEdges(old, new, cells: cells) ? .whole : nil
        }
    }

    /// Most of the picture becomes brighter, or darker.
    private static func isOneWay(_ old: [Double], _ new: [Double], cells: [Int]) -> Bool {
        let rising = cells.count { new[$0] > old[$0] }
        return max(rising, cells.count - rising) * 10 > cells.count * 7
    }

    /// Hardly an edge stays. Of a dark picture that cannot be told: light shows edges that were there before.
    private static func losesEdges(_ old: [Double], _ new: [Double], cells: [Int]) -> Bool {
        let count = Double(cells.count)
        let before = cells.reduce(0) { $0 + old[$1] } / count, after = cells.reduce(0) { $0 + new[$1] } / count
        guard min(before, after) > 50 else { return false }
        // Both as bright as the brighter one.
        let (oldGain, newGain) = (max(after / before, 1), max(before / after, 1))
        var (edges, kept) = (0, 0)
        for (cell, next) in neighbours(cells, of: old.count) {
            let (a, b) = ((old[next] - old[cell]) * oldGain, (new[next] - new[cell]) * newGain)
            guard max(abs(a), abs(b)) > 6 else { continue }
            edges += 1
            if a * b > 0, 2 * min(abs(a), abs(b)) > max(abs(a), abs(b)) { kept += 1 }
        }
        return edges >= 8 && kept * 10 < edges
    }

    /// Pairs of cells side by side, and one below the other.
    private static func neighbours(_ cells: [Int], of count: Int) -> [(Int, Int)] {
        var isSeen = [Bool](repeating: false, count: count)
        for cell in cells { isSeen[cell] = true }
        let right = cells.filter { ($0 + 1) % MotionField.columns > 0 && isSeen[$0 + 1] }.map { ($0, $0 + 1) }
        let below = cells.map { ($0, $0 + MotionField.columns) }.filter { $0.1 < count && isSeen[$0.1] }
        return right + below
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
