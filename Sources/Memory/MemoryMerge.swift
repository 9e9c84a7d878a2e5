/// What happens to a bank that is full.
public enum MemoryMerge: String, Sendable, Hashable, CaseIterable {
    /// The two neighbouring slots that are most alike become one, in all their locations: a slot stays a span of time. Alike is the mean of
    /// the locations' cosines, so that each part of the picture counts the same; a cosine of the whole would be that of its brightest parts.
    case clip
    /// MA-LMM's compression (He et al. 2024, §3.2): each location on its own merges the two neighbours that are most alike there. One location
    /// of a slot may then stand for other times than another.
    case location
    /// Nothing is merged: the oldest slot goes. A memory of the newest clips only, to compare with.
    case none
}
