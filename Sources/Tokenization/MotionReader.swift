import Media

/// Reads motion ids back into what they say.
struct MotionReader {
    private typealias Vocabulary = MotionVocabulary
    private let ids: [Int]
    private var position = 0

    static func parse(_ ids: [Int]) throws(TokenError) -> MotionCode {
        var reader = MotionReader(ids: ids)
        let quantizer = try reader.next(in: Vocabulary.quantizer, "a quantiser id")
        var code = MotionCode(quantizer: quantizer, slices: [])
        for _ in 0..<code.rung.slices {
            code.slices.append(try reader.slice(after: code.slices.last, side: code.rung.side))
        }
        guard reader.isAtEnd else {
            throw .motionContinues(position: reader.position, value: ids[reader.position])
        }
        return code
    }

    private init(ids: [Int]) {
        self.ids = ids
    }

    private mutating func slice(after previous: MotionCode.Slice?, side: Int) throws(TokenError) -> MotionCode.Slice {
        if let previous, skip(Vocabulary.sameSlice) { return previous }
        let globalX = try next(in: Vocabulary.globalX, "a global x id")
        let globalY = try next(in: Vocabulary.globalY, "a global y id")
        let mask = try mask(after: previous)
        return MotionCode.Slice(
            globalX: globalX - Vocabulary.global.limit, globalY: globalY - Vocabulary.global.limit, mask: mask,
            residuals: try residuals(mask, side: side, before: previous?.residuals))
    }

    private mutating func mask(after previous: MotionCode.Slice?) throws(TokenError) -> BlockMask {
        if let previous, skip(Vocabulary.sameMask) { return previous.mask }
        var bits: [Int] = []
        for _ in 0..<BlockMask.rows {
            bits.append(try next(in: Vocabulary.mask, "a validity row id"))
        }
        return BlockMask(bits: bits)
    }

    private mutating func residuals(
        _ mask: BlockMask, side: Int, before: [MotionCode.Residual]?
    ) throws(TokenError) -> [MotionCode.Residual] {
        let columns = MotionField.columns / side
        var residuals = [MotionCode.Residual](repeating: .rest, count: MotionField.cells / (side * side))
        var last = MotionCode.Residual.rest
        var open = mask.cells(side: side)[...]
        while !open.isEmpty {
            if skip(Vocabulary.restOfSlice) { break }
            if let (run, length) = takeRun() {
                guard length <= open.count else {
                    throw .runTooLong(
                        position: position - 1, value: ids[position - 1], cells: length, left: open.count)
                }
                for cell in open.prefix(length) {
                    last = MotionCode.Slice.repeated(
                        run, at: cell, in: residuals, before: before, last: last, columns: columns)
                    residuals[cell] = last
                }
                open = open.dropFirst(length)
            } else if let cell = open.popFirst() {
                last = try residual()
                residuals[cell] = last
            }
        }
        return residuals
    }

    private mutating func takeRun() -> (MotionVocabulary.Run, length: Int)? {
        for (run, range) in Vocabulary.runs {
            if let offset = take(in: range) { return (run, offset + 1) }
        }
        return nil
    }

    private mutating func residual() throws(TokenError) -> MotionCode.Residual {
        let table = Vocabulary.residualLevels
        let offset = try next(in: Vocabulary.residual, "a residual, run or rest id")
        return MotionCode.Residual(x: offset / table.count - table.limit, y: offset % table.count - table.limit)
    }

    private var isAtEnd: Bool { position == ids.count }

    /// The next id's offset in its range.
    private mutating func next(in range: Range<Int>, _ expected: String) throws(TokenError) -> Int {
        guard !isAtEnd else { throw .motionEnds(position: position, expected: expected) }
        guard let offset = take(in: range) else {
            throw .motion(position: position, value: ids[position], expected: expected)
        }
        return offset
    }

    private mutating func take(in range: Range<Int>) -> Int? {
        guard !isAtEnd, range.contains(ids[position]) else { return nil }
        defer { position += 1 }
        return ids[position] - range.lowerBound
    }

    private mutating func skip(_ id: Int) -> Bool {
        take(in: id..<id + 1) != nil
    }
}
