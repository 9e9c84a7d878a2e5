public import Media

/// What is remembered of a stream: a few slots for a past of any length (MA-LMM, He et al. 2024, §3.2).
///
/// Each clip becomes a slot. Over the limits the two neighbours that are most alike become one, so that still scenes shrink to little and
/// what was different stays, however long ago. Slots stand in the order of time, and their spans tile the past but for gaps of the stream.
/// Neighbours of different sessions, or with a gap between them, merge like others: the ends of a span say their sessions.
///
/// A value: copies share what has not changed. It takes no locks and reads no clocks.
public struct MemoryBank: Sendable, Hashable {
    public let limits: MemoryLimits
    /// How many clips were ever remembered; the next one's number.
    public private(set) var seen: Int64
    /// The end of the newest clip, also where that is forgotten; nil before the first.
    public private(set) var newest: MemoryPoint?
    private var records: [MemoryRecord] = []
    /// One for all locations, or one a location.
    private var columns: [MemoryColumn] = []
    /// Rows and columns of the features; nil before the first clip.
    private var shape: Shape?

    private struct Shape: Hashable {
        var locations: Int
        var channels: Int

        /// Nil for features that are not whole.
        init?(_ features: ClipFeatures) {
            guard features.rows > 0, features.values.count == features.rows * features.columns else { return nil }
            (locations, channels) = (features.rows, features.columns)
        }
    }

    public init(_ limits: MemoryLimits = MemoryLimits()) {
        self.limits = limits
        seen = 0
    }

    // MARK: - What is remembered

    /// How many slots there are.
    public var count: Int { records.count }

    /// Oldest first. Where each location merges on its own, this puts the features together anew.
    public var slots: [MemorySlot] { records.indices.map { slot($0) } }

    /// What `slots` says besides features.
    public var summary: [MemoryRecord] { records }

    /// From the oldest to the newest slot; nil for an empty bank.
    public var span: MemorySpan? {
        guard let first = records.first, let last = records.last else { return nil }
        return MemorySpan(start: first.span.start, end: last.span.end)
    }

    /// What the slots take, about: features, ids, and a fixed amount for everything else.
    public var bytes: Int { records.reduce(0) { $0 + bytes(of: $1) } }

    /// A point of a session's media time, as a point of the remembered past; nil for sessions in which no slot begins or ends.
    ///
    /// Times later than the newest clip go on behind it, so that what is just happening has a place.
    public func position(of time: MediaTime, session: Int) -> MemoryTime? {
        var nearest = newest.flatMap { $0.session == session && $0.time <= time ? $0 : nil }
        if nearest == nil {
            let points = records.flatMap { [$0.span.start, $0.span.end] }.filter { $0.session == session }
            nearest = points.last { $0.time <= time } ?? points.first
        }
        return nearest.map { $0.position.advanced(by: time.units.limitedSubtracting($0.time.units)) }
    }

    private func slot(_ index: Int) -> MemorySlot {
        let cells = columns.map { $0.cells[index] }
        let values = cells.count == 1 ? cells[0].values : cells.flatMap(\.values)
        return MemorySlot(
            record: records[index], features: ClipFeatures(columns: shape?.channels ?? 0, values: values),
            runs: cells.map(\.run))
    }

    private func bytes(of record: MemoryRecord) -> Int {
        let features = (shape?.locations ?? 0) * (shape?.channels ?? 0) * MemoryLayout<Float>.size
        let cell = MemoryLayout<MemoryCell>.size + MemoryLayout<Double>.size + 32
        let ids = (record.key.count + record.motion.count) * MemoryLayout<Int>.size
        return features + columns.count * cell + ids + MemoryLayout<MemoryRecord>.size
    }

    // MARK: - Remembering

    /// Takes the next clip. Afterwards the bank is within its limits.
    public mutating func remember(_ clip: RememberedClip) throws(MemoryError) {
        try append(clip)
        while exceedsLimits { compress() }
    }

    /// Appends a slot, and leaves the bank one over its limits: a model that follows the paper reads it before it is compressed.
    package mutating func append(_ clip: RememberedClip) throws(MemoryError) {
        try check(clip.features)
        let run = MemoryRun(first: seen, last: seen, weight: 1)
        let span = span(of: clip)
        let record = MemoryRecord(
            run: run, span: span, remembered: clip.remembered...clip.remembered, key: clip.key, motion: clip.motion,
            revision: seen)
        guard bytes(of: record) <= limits.bytes else {
            throw .tooLarge(bytes: bytes(of: record), limit: limits.bytes)
        }
        let width = clip.features.values.count / columns.count
        for column in columns.indices {
            let values =
                columns.count == 1
                ? clip.features.values : Array(clip.features.values[column * width..<(column + 1) * width])
            columns[column].append(MemoryCell(values: values, run: run))
        }
        records.append(record)
        newest = span.end
        seen += 1
    }

    private mutating func check(_ features: ClipFeatures) throws(MemoryError) {
        guard let shape = Shape(features), self.shape ?? shape == shape else {
            throw .shape(
                locations: features.rows, channels: features.columns,
                expected: self.shape.map { [$0.locations, $0.channels] } ?? [])
        }
        guard features.values.allSatisfy(\.isFinite) else { throw .notFinite }
        if self.shape == nil { begin(shape) }
    }

    private mutating func begin(_ shape: Shape) {
        self.shape = shape
        columns =
            limits.merge == .location
            ? Array(repeating: MemoryColumn(locations: 1), count: shape.locations)
            : [MemoryColumn(locations: shape.locations)]
    }

    private func span(of clip: RememberedClip) -> MemorySpan {
        let start = (newest?.position ?? .zero).advanced(by: gap(before: clip))
        let end = start.advanced(by: max(clip.end.units.limitedSubtracting(clip.start.units), 0))
        return MemorySpan(
            start: MemoryPoint(
                session: clip.session, clip: clip.index, time: clip.start, utc: clip.utc?.lowerBound, position: start),
            end: MemoryPoint(
                session: clip.session, clip: clip.index, time: clip.end, utc: clip.utc?.upperBound, position: end))
    }

    /// Units between the newest clip and the next one: by media time in a session, else by UTC, else none.
    private func gap(before clip: RememberedClip) -> Int64 {
        guard let newest else { return 0 }
        if newest.session == clip.session {
            return max(clip.start.units.limitedSubtracting(newest.time.units), 0)
        }
        guard let last = newest.utc, let next = clip.utc?.lowerBound, next > last else { return 0 }
        let gap = next.nanoseconds.limitedSubtracting(last.nanoseconds)
        return MediaTime(nanoseconds: gap).units
    }

    package var exceedsLimits: Bool {
        count > 1 && (count > limits.slots || bytes > limits.bytes)
    }

    /// One step: a slot less. There must be two.
    package mutating func compress() {
        guard limits.merge != .none else { return remove([0]) }
        let pair = likenesses.indexOfMaximum
        for column in columns.indices { columns[column].merge() }
        let revision = seen - 1
        records[pair] = records[pair].joined(with: records[pair + 1], revision: revision)
        records.remove(at: pair + 1)
        // Each location has moved others.
        if limits.merge == .location { for index in records.indices { records[index].revision = revision } }
    }

    /// Of each slot and the next one: the mean over the locations.
    private var likenesses: [Double] {
        if columns.count == 1 { return columns[0].similarities }
        return (0..<max(count - 1, 0)).map { pair in
            columns.reduce(0) { $0 + $1.similarities[pair] } / Double(columns.count)
        }
    }

    private mutating func remove(_ places: Set<Int>) {
        records = records.indices.filter { !places.contains($0) }.map { records[$0] }
        for column in columns.indices { columns[column].remove(places) }
    }

    // MARK: - Forgetting

    /// Erases every slot of which some was taken between two times; where that is not known, remembered then. What a merged slot remembers
    /// of other times goes with it.
    ///
    /// - Returns: how many slots.
    @discardableResult
    public mutating func forget(from: UTC, to: UTC) -> Int {
        let forgotten = records.filter { $0.overlaps(from, to) }.map(\.run)
        guard !forgotten.isEmpty else { return 0 }
        // Where each location merges on its own, a slot's features hold clips of other slots' spans.
        let places = records.indices.filter { place in
            let runs = [records[place].run] + columns.map { $0.cells[place].run }
            return runs.contains { run in forgotten.contains { $0.first <= run.last && run.first <= $0.last } }
        }
        remove(Set(places))
        return places.count
    }

    // MARK: - An earlier run's slots

    /// A bank with slots of an earlier one, which may have had other limits.
    ///
    /// - Parameters:
    ///   - seen: `seen` of that bank.
    ///   - newest: `newest` of that bank.
    /// - Throws: `MemoryError` for what no bank could have had.
    public init(
        _ limits: MemoryLimits, seen: Int64, newest: MemoryPoint?, slots: [MemorySlot]
    ) throws(MemoryError) {
        self.init(limits)
        self.seen = seen
        self.newest = newest
        for slot in slots { try restore(slot) }
        while exceedsLimits { compress() }
    }

    private mutating func restore(_ slot: MemorySlot) throws(MemoryError) {
        try check(slot.features)
        let (record, locations) = (slot.record, slot.features.rows)
        guard slot.runs.count == 1 || slot.runs.count == locations else {
            throw .inconsistent(slot: slot.id, "has \(slot.runs.count) runs for \(locations) locations")
        }
        for run in slot.runs + [record.run] {
            guard run.first >= 0, run.first <= run.last, run.last < seen, run.weight > 0,
                run.weight <= run.last - run.first + 1
            else { throw .inconsistent(slot: slot.id, "stands for clips that cannot be") }
        }
        guard (records.last?.run.last ?? -1) < record.run.first,
            (records.last?.span.end.position ?? record.span.start.position) <= record.span.start.position,
            record.span.start.position <= record.span.end.position, record.revision < max(seen, 1)
        else { throw .inconsistent(slot: slot.id, "is not in the order of time") }
        records.append(record)
        let width = slot.features.values.count / columns.count
        for column in columns.indices {
            // A bank that merged each location on its own does not know one weight for all; its records do.
            let run = slot.runs.count == columns.count ? slot.runs[column] : record.run
            columns[column].append(
                MemoryCell(values: Array(slot.features.values[column * width..<(column + 1) * width]), run: run))
        }
    }

    // MARK: - The slow twin

    /// How alike neighbours are, as it was kept: a row a column of locations.
    package var keptSimilarities: [[Double]] { columns.map(\.similarities) }

    /// The same, all computed anew.
    package var recomputedSimilarities: [[Double]] {
        columns.map { MemoryColumn.similarities(of: $0.cells, locations: $0.locations) }
    }
}
