internal import Media

/// What the coded pictures of a clip say together.
struct UnitTally {
    let frames: Int
    let hasBFrames: Bool
    let corruptFrames: Int
    let interpolatedTimes: Int
    /// A P-picture had a choice of references, or a B-picture served as one.
    let isReferenceAmbiguous: Bool
    private let records: [UnitLog.Record]

    init(_ records: [UnitLog.Record]) {
        self.records = records
        frames = records.count
        hasBFrames = records.contains { $0.isReordered || $0.traits.type == .bidirectional }
        corruptFrames = records.count { $0.isCorrupt }
        interpolatedTimes = records.count { $0.isInterpolated }
        isReferenceAmbiguous = records.contains { record in
            let isB = record.traits.type == .bidirectional
            return isB ? record.traits.isReference : record.traits.activeReferences > 1
        }
    }

    /// When the span from `start` to `end` was taken: by the sender's clock if `senderOffset` (UTC − media time, ns) is known,
    /// else by arrival, half-way between the quickest and the slowest picture. Nil for files.
    func capture(from start: MediaTime, to end: MediaTime, senderOffset: Int64?) -> CaptureSpan? {
        guard let newestArrival = records.compactMap(\.arrival).max() else { return nil }
        let offsets = records.compactMap { senderOffset != nil ? $0.senderOffset : $0.arrivalOffset }
        let low = offsets.min(), high = offsets.max()
        let half = low.flatMap { low in high.map { max($0 &- low, 0) / 2 } } ?? 0
        guard let offset = senderOffset ?? low.map({ $0 &+ half }) else { return nil }
        return CaptureSpan(
            start: UTC(nanoseconds: start.nanoseconds &+ offset), end: UTC(nanoseconds: end.nanoseconds &+ offset),
            source: senderOffset != nil ? .rtcpSenderReport : .arrival,
            errorMilliseconds: max(1, Int((half &+ 500_000) / 1_000_000)), newestArrival: newestArrival)
    }
}

extension UnitLog.Record {
    fileprivate var senderOffset: Int64? { senderUTC.map { $0.nanoseconds &- pts.nanoseconds } }
    fileprivate var arrivalOffset: Int64? { arrival.map { $0.nanoseconds &- pts.nanoseconds } }
}
