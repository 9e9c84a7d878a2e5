/// The epochs of a log and the first number of each, oldest first.
package struct EpochHistory: Sendable {
    package var epochs: [(name: String, first: UInt64)]

    package init(epochs: [(name: String, first: UInt64)]) {
        self.epochs = epochs
    }

    var current: String { epochs.last?.name ?? "" }

    /// Where to go on after the last event seen; nil where this log cannot tell.
    ///
    /// An old epoch ended with a power cut. What it lost then is gone, so reading goes on with the next epoch.
    package func cursor(epoch: String, sequence: UInt64, newest: UInt64) -> UInt64? {
        guard let index = epochs.firstIndex(where: { $0.name == epoch }) else { return nil }
        guard index + 1 < epochs.count else { return sequence <= newest ? sequence : nil }
        return min(sequence, epochs[index + 1].first - 1)
    }
}
