/// Neighbouring clips that became one, by their numbers: a stream's first clip that was ever remembered is 0.
public struct MemoryRun: Sendable, Hashable {
    public var first: Int64
    public var last: Int64
    /// How many clips it stands for; less than the numbers say where some were forgotten.
    public var weight: Int64

    public init(first: Int64, last: Int64, weight: Int64) {
        self.first = first
        self.last = last
        self.weight = weight
    }

    /// This run and the next one.
    func joined(with next: MemoryRun) -> MemoryRun {
        MemoryRun(first: first, last: next.last, weight: weight + next.weight)
    }
}
