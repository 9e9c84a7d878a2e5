/// How large a bank may become.
public struct MemoryLimits: Sendable, Hashable {
    /// The slots of a bank that merges nothing: the newest four clips, as simple baselines take four frames.
    public static let newestSlots = 4

    public var merge: MemoryMerge
    /// At least 1.
    public var slots: Int
    /// See `MemoryBank.bytes`. The bank always keeps one slot.
    public var bytes: Int

    public init(merge: MemoryMerge = .clip, slots: Int = 32, bytes: Int = 4 << 20) {
        self.merge = merge
        self.slots = max(slots, 1)
        self.bytes = bytes
    }
}
