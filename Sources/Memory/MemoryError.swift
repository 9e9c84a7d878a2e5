/// A clip, or slots of an earlier run, that a bank cannot take.
public enum MemoryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not the locations and channels that the bank has, or none.
    case shape(locations: Int, channels: Int, expected: [Int])
    case notFinite
    case tooLarge(bytes: Int, limit: Int)
    /// The slot does not follow the one before it, or contradicts itself.
    case inconsistent(slot: Int64, String)

    public var description: String {
        switch self {
        case .shape(let locations, let channels, let expected):
            "features of \(locations) locations and \(channels) channels; the memory has "
                + expected.map { String($0) }.joined(separator: " and ")
        case .notFinite:
            "features that are no finite numbers"
        case .tooLarge(let bytes, let limit):
            "a clip takes \(bytes) bytes, but the memory may have \(limit)"
        case .inconsistent(let slot, let problem):
            "slot \(slot) \(problem)"
        }
    }
}
