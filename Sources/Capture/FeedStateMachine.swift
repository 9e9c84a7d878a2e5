package import Media

/// The bounded queue between the streaming thread and the consumer, as a pure value: what is let in, what is lost,
/// and how that is told. Units that the consumer gets can always be decoded: a session begins with a key picture,
/// and after a loss everything up to the next key picture is lost too.
package struct FeedStateMachine {
    package struct Limits {
        var units: Int
        var bytes: Int
        var duration: MediaTime

        package init(units: Int, bytes: Int, duration: MediaTime) {
            self.units = units
            self.bytes = bytes
            self.duration = duration
        }
    }

    /// What the pipeline has to offer next.
    package struct Offer {
        var unit: AccessUnit
        var format: VideoFormat
        /// Pictures before this one are missing.
        var gap: GapCause?

        package init(unit: AccessUnit, format: VideoFormat, gap: GapCause? = nil) {
            self.unit = unit
            self.format = format
            self.gap = gap
        }
    }

    package enum Verdict: Equatable {
        case queued
        /// Counted as lost.
        case dropped
        /// Offer it again when something has been taken; only when lossless.
        case full
        /// Nobody wants it: the session is over.
        case closed
    }

    package enum Taken {
        case item(CaptureItem)
        /// Wait for more.
        case nothing
        /// Nothing will come any more.
        case closed
    }

    private enum Phase {
        /// Units are refused.
        case closed
        /// Waits for a key picture; `cause` is nil before the first one, when nothing counts as lost.
        case waiting(lost: Int, cause: GapCause?)
        case flowing
    }

    private let limits: Limits
    private let isLossless: Bool
    private var phase = Phase.closed
    private var session = 0
    private var format: VideoFormat?
    private var queue: [CaptureItem] = []
    private var head = 0
    private var units = 0
    private var bytes = 0
    private var isFinished = false

    package init(limits: Limits, isLossless: Bool) {
        self.limits = limits
        self.isLossless = isLossless
    }

    private var isEmpty: Bool { head == queue.count }
    /// Everything was taken of a session that is over.
    package var isDrained: Bool { if case .closed = phase { isEmpty } else { false } }

    /// Opens the next session and gives its number, which its offers must name.
    package mutating func begin() -> Int {
        end()
        session += 1
        format = nil
        phase = .waiting(lost: 0, cause: nil)
        return session
    }

    package mutating func offer(_ offer: Offer, session number: Int) -> Verdict {
        guard number == session else { return .closed }
        if case .closed = phase { return .closed }
        if let cause = offer.gap { lose(0, cause) }
        if case .flowing = phase, offer.format != format { phase = .waiting(lost: 0, cause: .format) }
        if case .waiting = phase, !offer.unit.traits.isKey {
            lose(1, .source)
            return .dropped
        }
        guard hasRoom(for: offer.unit) else {
            if isLossless { return .full }
            lose(1, .overload)
            return .dropped
        }
        announce(offer.format)
        append(offer.unit)
        return .queued
    }

    /// Ends the session, if there is one; what is queued stays.
    package mutating func end() {
        if case .closed = phase { return }
        if format != nil {
            announceLoss()
            queue.append(.endOfSession)
        }
        phase = .closed
    }

    /// Ends the session; no other will begin.
    package mutating func finish() {
        end()
        isFinished = true
    }

    package mutating func take() -> Taken {
        guard !isEmpty else { return isFinished ? .closed : .nothing }
        let item = queue[head]
        head += 1
        if case .unit(let unit) = item {
            units -= 1
            bytes -= unit.bytes.count
        }
        if head == queue.count || head >= 256 {
            queue.removeFirst(head)
            head = 0
        }
        return .item(item)
    }

    /// Adds to what is lost. The first cause stays; before a session's first picture nothing is lost.
    private mutating func lose(_ count: Int, _ cause: GapCause) {
        switch phase {
        case .closed: break
        case .flowing: phase = .waiting(lost: count, cause: cause)
        case .waiting(let lost, let first):
            if format != nil { phase = .waiting(lost: lost + count, cause: first ?? cause) }
        }
    }

    /// Tells the consumer what it must know before the next unit.
    private mutating func announce(_ new: VideoFormat) {
        if format == nil { queue.append(.session) }
        announceLoss()
        if new != format { queue.append(.format(new)) }
        format = new
        phase = .flowing
    }

    /// A change of format alone loses nothing.
    private mutating func announceLoss() {
        guard case .waiting(let lost, let cause?) = phase, lost > 0 || cause != .format else { return }
        queue.append(.loss(count: lost, cause: cause))
    }

    private mutating func append(_ unit: AccessUnit) {
        units += 1
        bytes += unit.bytes.count
        queue.append(.unit(unit))
    }

    /// An empty queue takes a unit of any size, so that a lossless feed cannot wait for ever.
    private func hasRoom(for unit: AccessUnit) -> Bool {
        guard units > 0 else { return true }
        return units < limits.units && bytes + unit.bytes.count <= limits.bytes
            && queuedDuration(upTo: unit.pts) <= limits.duration
    }

    private func queuedDuration(upTo pts: MediaTime) -> MediaTime {
        for case .unit(let oldest) in queue[head...] { return pts - oldest.pts }
        return .zero
    }
}
