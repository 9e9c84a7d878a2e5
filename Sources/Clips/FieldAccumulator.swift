internal import Media

/// What has been gathered for one tick, or for a part of one.
///
/// Velocities of pictures are summed, not displacements: each picture's sums are divided by the time its vectors span and
/// weighted by the part of that time which lies in the tick. Only differences of times enter, in a fixed order, so a stream
/// gives the same field whatever its clock starts at.
struct FieldAccumulator {
    /// Area × time that vectors covered, and area × time × velocity in quarter pixels a unit of media time.
    private var sums: [SIMD4<Double>] = []
    /// Anchor pictures that lie in it.
    private(set) var anchors = 0
    /// The newest of them.
    private(set) var newest: (any DecodedPicture)?
    private(set) var key = KeyChoice()

    /// Adds the part of a picture's span that lies between `from` and `to`.
    mutating func add(_ span: Span, from: MediaTime, to: MediaTime) {
        let from = max(from, span.start)
        let to = min(to, span.end)
        guard from < to, !span.vectors.isEmpty else { return }
        if sums.isEmpty { sums = Array(repeating: .zero, count: MotionField.cells) }
        let time = Double((to - from).units)
        for vectors in span.vectors {
            let share = time / Double(vectors.distance.units)
            for (index, cell) in vectors.sums.cells.enumerated() where cell.area != 0 {
                sums[index] += SIMD4(Double(cell.area) * time, Double(cell.x) * share, Double(cell.y) * share, 0)
            }
        }
    }

    mutating func note(_ anchor: any DecodedPicture, isCleanKey: Bool) {
        anchors += 1
        newest = anchor
        key.consider(anchor, isCleanKey: isCleanKey)
    }

    /// Adds what was gathered for the time right after this.
    mutating func append(_ later: Self) {
        if sums.isEmpty {
            sums = later.sums
        } else if !later.sums.isEmpty {
            for index in sums.indices { sums[index] += later.sums[index] }
        }
        anchors += later.anchors
        newest = later.newest ?? newest
        key.merge(later.key)
    }

    /// The finished field; luma is not its business.
    func field(from start: MediaTime, to end: MediaTime, grid: CellGrid) -> MotionField {
        var field = MotionField(start: start, end: end, anchors: anchors)
        guard !sums.isEmpty else { return field }
        // The content moves against the vector.
        let perSecond = -Double(MediaTime.unitsPerSecond) / 4
        let scale = SIMD2(perSecond / Double(grid.width), perSecond / Double(grid.height))
        let full = Double(grid.cellArea) * Double((end - start).units)
        for (index, sum) in sums.enumerated() where sum.x > 0 {
            field.velocity[index] = SIMD2<Float>(SIMD2(sum.y, sum.z) / sum.x * scale)
            field.validity[index] = Float(min(sum.x / full, 1))
        }
        return field
    }
}

/// The vectors of a P-picture and the time they reach back over: from the anchor before it to itself.
struct Span {
    var start: MediaTime
    var end: MediaTime
    /// The sums of the vectors, by the time between the picture and the one they point to. Empty where nothing is known: an
    /// intra picture, the first anchor after a gap, a damaged picture.
    var vectors: [(sums: CellSums, distance: MediaTime)] = []
}

/// The picture that is to stand for a clip: the first clean key frame, else the first anchor, else a damaged one.
struct KeyChoice {
    private(set) var picture: (any DecodedPicture)?
    private(set) var isIntra = false

    mutating func consider(_ anchor: any DecodedPicture, isCleanKey: Bool) {
        guard !isIntra else { return }
        let isBetter = picture.map { isCleanKey || ($0.isCorrupt && !anchor.isCorrupt) } ?? true
        guard isBetter else { return }
        picture = anchor
        isIntra = isCleanKey
    }

    mutating func merge(_ later: Self) {
        guard let picture = later.picture else { return }
        consider(picture, isCleanKey: later.isIntra)
    }

    /// A copy, for nobody may hold a decoder's pictures for long; nil where there is none to copy.
    ///
    /// A re-encoded stream's I-pictures show pictures that the source may have coded otherwise; what the source did counts.
    func makeKeyPicture(_ source: MotionWay) -> KeyPicture? {
        guard let picture, let copy = picture.makePicture() else { return nil }
        let isIntra = source == .codec ? isIntra : picture.isKey
        return KeyPicture(picture: copy, kind: isIntra ? .intra : .inter, isFiltered: picture.isFiltered)
    }
}
