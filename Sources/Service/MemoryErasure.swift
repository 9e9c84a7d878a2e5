internal import Media

/// What one stream took between two times, and is to forget.
struct MemoryErasure: Sendable, Hashable {
    var stream: String
    var from: UTC
    var to: UTC
}

/// An erasure that waits in the file for the process that holds the memory.
struct AskedErasure: Sendable, Hashable {
    /// Never given twice.
    var number: Int64
    var erasure: MemoryErasure
}
