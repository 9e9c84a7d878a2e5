public import Media

/// What a slot says besides its features. In a bank that merges by location it is merged like one more location, whose likeness is the mean of
/// the others.
public struct MemoryRecord: Sendable, Hashable {
    public var run: MemoryRun
    public var span: MemorySpan
    /// From when the first to when the last of its clips was remembered, by this machine's clock.
    public var remembered: ClosedRange<UTC>
    /// Ids of one clip of the run, its representative: of two slots that merge, the heavier one's remain, of two alike the newer one's.
    public var key: [Int]
    public var motion: [Int]
    /// Number of the clip with which the slot changed last.
    public var revision: Int64

    public init(
        run: MemoryRun, span: MemorySpan, remembered: ClosedRange<UTC>, key: [Int], motion: [Int], revision: Int64
    ) {
        self.run = run
        self.span = span
        self.remembered = remembered
        self.key = key
        self.motion = motion
        self.revision = revision
    }

    func joined(with next: MemoryRecord, revision: Int64) -> MemoryRecord {
        let representative = next.run.weight >= run.weight ? next : self
        return MemoryRecord(
            run: run.joined(with: next.run), span: MemorySpan(start: span.start, end: next.span.end),
            remembered: min(
                remembered.lowerBound, next.remembered.lowerBound)...max(
                    remembered.upperBound, next.remembered.upperBound),
            key: representative.key, motion: representative.motion, revision: revision)
    }

    /// Whether some of it was taken in a span of UTC; where that is not known, whether it was remembered then.
    func overlaps(_ from: UTC, _ to: UTC) -> Bool {
        (span.start.utc ?? remembered.lowerBound) < to && (span.end.utc ?? remembered.upperBound) > from
    }
}

/// A part of the past, as a bank remembers it.
public struct MemorySlot: Sendable, Hashable {
    public var record: MemoryRecord
    /// The mean over its clips: a row a location, a column a channel.
    public var features: ClipFeatures
    /// What the rows stand for: one run for all of them, or one a row.
    public var runs: [MemoryRun]

    public init(record: MemoryRecord, features: ClipFeatures, runs: [MemoryRun]) {
        self.record = record
        self.features = features
        self.runs = runs
    }

    /// Number of its first clip: no two slots of a bank have the same.
    public var id: Int64 { record.run.first }
    public var span: MemorySpan { record.span }
    /// How many clips it stands for.
    public var weight: Int64 { record.run.weight }
    /// Ids of its representative clip.
    public var key: [Int] { record.key }
    public var motion: [Int] { record.motion }
}
