internal import Media

/// The coded pictures of a session that no clip has counted yet, in decoding order. A decoder gives out fewer pictures, later
/// and in another order; what their units said is found here by time stamp.
struct UnitLog {
    struct Record {
        var pts: MediaTime
        /// Place in decoding order.
        var index: Int
        var traits: PictureTraits
        /// Decoding is right from this picture on, if nothing since unit `cleanSince` was damaged.
        var cleanSince: Int?
        var isInterpolated: Bool
        /// It is shown before a picture that was decoded earlier.
        var isReordered: Bool
        var senderUTC: UTC?
        var arrival: UTC?
        var isCorrupt = false
    }

    /// More than any clip has; a stream that exceeds it is not worth counting exactly.
    private static let capacity = 8_192

    private(set) var records: [Record] = []
    /// Units received so far.
    private(set) var count = 0
    private var newestPTS: MediaTime?
    private var newestTaken: MediaTime?
    /// Recovery points under way: where each was, and how many reference pictures it still asks for. With intra refresh a
    /// new one comes before the one before it is reached.
    private var recoveries: [(since: Int, left: Int)] = []

    mutating func append(_ unit: AccessUnit) {
        if records.count == Self.capacity { records.removeFirst(Self.capacity / 2) }
        records.append(
            Record(
                pts: unit.pts, index: count, traits: unit.traits, cleanSince: cleanSince(unit.traits),
                isInterpolated: unit.isInterpolated, isReordered: newestPTS.map { unit.pts < $0 } ?? false,
                senderUTC: unit.senderUTC, arrival: unit.arrival))
        newestPTS = max(newestPTS ?? unit.pts, unit.pts)
        count += 1
    }

    /// Recoveries that are under way come to nothing.
    mutating func breakRecovery() {
        recoveries = []
    }

    /// The record of a picture that the decoder gave out.
    mutating func find(_ pts: MediaTime, isCorrupt: Bool) -> Record? {
        guard let place = records.lastIndex(where: { $0.pts == pts }) else { return nil }
        records[place].isCorrupt = isCorrupt
        return records[place]
    }

    /// The two newest time stamps before `limit` of units before `index`, newest first.
    func newest(before limit: MediaTime, decodedBefore index: Int) -> (last: MediaTime?, other: MediaTime?) {
        var last = newestTaken, other: MediaTime?
        for record in records where record.index < index && record.pts < limit {
            if let known = last, record.pts <= known {
                if record.pts < known { other = max(other ?? record.pts, record.pts) }
            } else {
                (last, other) = (record.pts, last)
            }
        }
        return (last, other)
    }

    /// Takes out the units that end before `end`: those of a clip that closes.
    mutating func take(before end: MediaTime, decodedBefore index: Int = .max) -> [Record] {
        var taken: [Record] = []
        records.removeAll { record in
            guard record.pts < end, record.index < index else { return false }
            taken.append(record)
            return true
        }
        if let newest = taken.map(\.pts).max() { newestTaken = max(newestTaken ?? newest, newest) }
        return taken
    }

    /// Forgets the units before `index`: they belong to a session that is over.
    mutating func startSession(at index: Int) {
        records.removeAll { $0.index < index }
        newestTaken = nil
        newestPTS = records.map(\.pts).max()
    }

    /// An instant key picture is clean at once, a recovery point when as many reference pictures as it says have followed.
    private mutating func cleanSince(_ traits: PictureTraits) -> Int? {
        if traits.isKey, traits.recoveryCount == 0 {
            recoveries = []
            return count
        }
        guard traits.isReference, traits.type != .bidirectional else { return nil }
        for index in recoveries.indices { recoveries[index].left -= 1 }
        let reached = recoveries.last { $0.left <= 0 }?.since
        recoveries.removeAll { $0.left <= 0 }
        if traits.isKey {
            if recoveries.count == 16 { recoveries.removeFirst() }
            recoveries.append((count, traits.recoveryCount))
        }
        return reached
    }
}
