internal import Media

/// A clip in the making: its ticks close one after another as anchor pictures pass their ends.
///
/// The last tick ends at four seconds, or at the clean key frame nearest to that within half a tick. Until that is decided, what
/// lies behind the end that looks right so far (`split`) is kept apart: it may go to the next clip.
struct OpenClip {
    /// Half a tick: how far from its four seconds a clip may end for the sake of a key frame.
    static let slack = MediaTime(units: Clip.fieldDuration.units / 2)

    let start: MediaTime
    let startsOnKey: Bool
    let isAfterGap: Bool
    /// Lost pictures that lie in it.
    var missingFrames = 0
    private(set) var fields: [MotionField] = []
    private(set) var key = KeyChoice()
    private(set) var anchors = 0
    /// Where the clip ends, as far as is known.
    private(set) var split: MediaTime
    private(set) var endsOnKey = false
    private(set) var luma: LumaGrid?
    private let grid: CellGrid
    private let mask: CellMask?
    private var tick: FieldAccumulator
    private var tail = FieldAccumulator()

    init(start: MediaTime, grid: CellGrid, mask: CellMask? = nil, startsOnKey: Bool, isAfterGap: Bool) {
        self.start = start
        self.grid = grid
        self.mask = mask
        self.startsOnKey = startsOnKey
        self.isAfterGap = isAfterGap
        split = start + Clip.duration
        tick = FieldAccumulator()
    }

    /// The fields of a whole clip: what is missing behind the end is invalid everywhere.
    var paddedFields: [MotionField] {
        fields
            + (fields.count..<Clip.fieldCount).map { index in
                let from = start + Clip.fieldDuration * Int64(index)
                return MotionField(start: from, end: from + Clip.fieldDuration)
            }
    }

    /// The clip that starts where this one has ended.
    func next() -> Self {
        var next = Self(start: split, grid: grid, mask: mask, startsOnKey: endsOnKey, isAfterGap: false)
        next.tick = tail
        next.luma = luma
        return next
    }

    /// All its ticks were covered to their ends.
    private(set) var isComplete = false
    private var nominalEnd: MediaTime { start + Clip.duration }
    private var isInLastTick: Bool { fields.count == Clip.fieldCount - 1 }
    private var tickStart: MediaTime { start + Clip.fieldDuration * Int64(fields.count) }
    private var tickEnd: MediaTime { isInLastTick ? split : tickStart + Clip.fieldDuration }

    /// Takes the span of the anchor picture at `span.end` as far as it lies in the clip, and closes the ticks that are over.
    mutating func advance(_ span: Span, isCleanKey: Bool) -> [MotionField] {
        let before = fields.count
        while !isInLastTick, tickEnd <= span.end {
            tick.add(span, from: tickStart, to: tickEnd)
            close()
        }
        addToOpenTick(span, isCleanKey: isCleanKey)
        return Array(fields[before...])
    }

    /// The anchor picture whose span was added last, if it lies in this clip.
    mutating func note(_ anchor: any DecodedPicture, isCleanKey: Bool) {
        if isInLastTick, anchor.pts >= split {
            tail.note(anchor, isCleanKey: isCleanKey)
        } else {
            tick.note(anchor, isCleanKey: isCleanKey)
        }
    }

    /// Closes what lies before the end of the media; a tick that is cut off closes with what there is of it.
    mutating func finish(at end: MediaTime) -> [MotionField] {
        let before = fields.count
        while !isInLastTick, tickEnd <= end { close() }
        if tickStart < end { close() }
        isComplete = fields.count == Clip.fieldCount && (endsOnKey || end >= split)
        return Array(fields[before...])
    }

    private mutating func addToOpenTick(_ span: Span, isCleanKey: Bool) {
        guard isInLastTick else { return tick.add(span, from: tickStart, to: span.end) }
        let distance = (span.end - nominalEnd).units.magnitude
        let best = (split - nominalEnd).units.magnitude
        if isCleanKey, distance <= Self.slack.units, !endsOnKey || distance < best {
            tick.append(tail)
            tail = FieldAccumulator()
            split = span.end
            endsOnKey = true
        }
        tick.add(span, from: tickStart, to: split)
        // No later key frame can be nearer.
        let reach = endsOnKey ? (split - nominalEnd).units.magnitude : Self.slack.units.magnitude
        if span.end >= nominalEnd, distance >= reach {
            close()
            isComplete = true
        } else {
            tail.add(span, from: split, to: span.end)
        }
    }

    private mutating func close() {
        if let newest = tick.newest, let grid = newest.withLuma({ LumaGrid($0) }) { luma = grid }
        var field = tick.field(from: tickStart, to: tickEnd, grid: grid)
        field.luma = luma?.mean ?? []
        field.texture = luma?.texture ?? []
        mask?.apply(to: &field)
        fields.append(field)
        key.merge(tick.key)
        anchors += tick.anchors
        tick = FieldAccumulator()
    }
}
