/// What a stream is doing.
public enum StreamState: String, Sendable, Hashable, CaseIterable {
    case connecting
    case live
    /// Connected, but no picture comes; it is about to be connected anew.
    case stalled
    /// Waiting before the next try.
    case backoff
    /// A file was read to its end, and all of it was taken.
    case ended
    /// Cannot work until somebody does something; a live source is tried again all the same.
    case failed
}
