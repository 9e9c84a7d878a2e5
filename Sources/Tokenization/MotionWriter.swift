import Media

/// Writes slices as ids, with as few of them as a tolerance allows.
struct MotionWriter {
    private typealias Vocabulary = MotionVocabulary
    private(set) var ids: [Int]
    private(set) var code: MotionCode

    /// Nil when the ids do not fit the rate.
    init?(_ slices: [WantedSlice], quantizer: Int) {
        ids = [Vocabulary.quantizer.lowerBound + quantizer]
        code = MotionCode(quantizer: quantizer, slices: [])
        for slice in slices {
            write(slice, after: code.slices.last)
            guard ids.count <= Vocabulary.maximumIDs else { return nil }
        }
    }

    private mutating func write(_ slice: WantedSlice, after previous: MotionCode.Slice?) {
        if let previous, previous.globalX == slice.globalX, previous.globalY == slice.globalY,
            previous.mask == slice.mask,
            slice.cells.allSatisfy({ previous.residuals[$0].isNear(slice.residuals[$0], code.rung.tolerance) })
        {
            ids.append(Vocabulary.sameSlice)
            code.slices.append(previous)
            return
        }
        ids.append(Vocabulary.globalX.lowerBound + slice.globalX + Vocabulary.global.limit)
        ids.append(Vocabulary.globalY.lowerBound + slice.globalY + Vocabulary.global.limit)
        if slice.mask == previous?.mask {
            ids.append(Vocabulary.sameMask)
        } else {
            ids += slice.mask.bits.map { Vocabulary.mask.lowerBound + $0 }
        }
        code.slices.append(
            MotionCode.Slice(
                globalX: slice.globalX, globalY: slice.globalY, mask: slice.mask,
                residuals: write(slice.residuals, slice.cells, before: previous?.residuals)))
    }

    /// At each cell the run that lasts longest, or a residual where none begins.
    private mutating func write(
        _ wanted: [SIMD2<Double>], _ cells: [Int], before: [MotionCode.Residual]?
    ) -> [MotionCode.Residual] {
        var line = Line(
            wanted: wanted, before: before, columns: MotionField.columns / code.rung.side,
            tolerance: code.rung.tolerance)
        var open = cells[...]
        while let cell = open.first, ids.count <= Vocabulary.maximumIDs {
            var best = (run: MotionVocabulary.Run.rest, first: 0, length: 0)
            for (run, range) in Vocabulary.runs {
                let length = line.follow(run, open)
                if run == .rest, length == open.count {
                    ids.append(Vocabulary.restOfSlice)
                    return line.coded
                }
                let told = min(length, range.count)
                if told > best.length { best = (run, range.lowerBound, told) }
            }
            if best.length > 0 {
                line.apply(best.run, open.prefix(best.length))
                ids.append(best.first + best.length - 1)
                open = open.dropFirst(best.length)
            } else {
                ids.append(Vocabulary.residual.lowerBound + line.apply(wanted[cell], at: cell))
                open = open.dropFirst()
            }
        }
        return line.coded
    }
}

/// The residuals of a slice while they are being coded.
private struct Line {
    let wanted: [SIMD2<Double>]
    let before: [MotionCode.Residual]?
    let columns: Int
    let tolerance: Double
    private(set) var coded: [MotionCode.Residual]
    private var last = MotionCode.Residual.rest

    init(wanted: [SIMD2<Double>], before: [MotionCode.Residual]?, columns: Int, tolerance: Double) {
        self.wanted = wanted
        self.before = before
        self.columns = columns
        self.tolerance = tolerance
        coded = Array(repeating: .rest, count: wanted.count)
    }

    /// How many of the cells a run fits. It leaves its values in `coded`, where the run itself may read them; whatever is
    /// coded next overwrites them.
    mutating func follow(_ run: MotionVocabulary.Run, _ cells: ArraySlice<Int>) -> Int {
        var value = last
        var length = 0
        for cell in cells {
            value = MotionCode.Slice.repeated(
                run, at: cell, in: coded, before: before, last: value, columns: columns)
            coded[cell] = value
            guard value.isNear(wanted[cell], tolerance) else { break }
            length += 1
        }
        return length
    }

    mutating func apply(_ run: MotionVocabulary.Run, _ cells: ArraySlice<Int>) {
        for cell in cells {
            last = MotionCode.Slice.repeated(
                run, at: cell, in: coded, before: before, last: last, columns: columns)
            coded[cell] = last
        }
    }

    /// Quantises a residual; gives its number among the residual ids.
    mutating func apply(_ residual: SIMD2<Double>, at cell: Int) -> Int {
        let table = MotionVocabulary.residualLevels
        last = MotionCode.Residual(x: table.level(of: residual.x), y: table.level(of: residual.y))
        coded[cell] = last
        return table.count * (last.x + table.limit) + last.y + table.limit
    }
}

extension MotionCode.Residual {
    /// Whether it lies less than `tolerance` px/s away.
    func isNear(_ wanted: SIMD2<Double>, _ tolerance: Double) -> Bool {
        let table = MotionVocabulary.residualLevels
        let dx = wanted.x - Double(table.value(x))
        let dy = wanted.y - Double(table.value(y))
        return dx * dx + dy * dy < tolerance * tolerance
    }
}
