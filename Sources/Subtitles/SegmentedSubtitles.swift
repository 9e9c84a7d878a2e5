package import Media

/// WebVTT in segments with a media playlist, for HTTP Live Streaming (RFC 8216 §3.5, §4.3, §6.2).
///
/// A segment is given out once its time is over. It holds every cue that is shown in it, with the cue's whole time, so that a cue that crosses a
/// boundary is in both segments; up to then the cues can still change.
package struct SegmentedSubtitles: Sendable {
    package struct Plan: Sendable {
        /// What the names of all files begin with.
        package var name = "captions"
        /// Length of the segments.
        package var segment = MediaTime(milliseconds: 6_000)
        /// Segments in the playlist; nil: all, of a source that ends.
        package var window: Int?
        /// Number of the segment that begins at time zero.
        package var firstSequence = 0
        /// What time zero is; nil where nobody knows.
        package var zero: UTC?
        /// The time stamp of the video's MPEG-2 transport stream at time zero, in 1/90 000 s.
        package var transportTime: Int64 = 0
        /// Segments are given out so much later than they end, to wait for captions of what was in them.
        package var delay = MediaTime.zero

        package init() {}
    }

    /// What is to be done to the folder, in this order.
    package enum Change: Sendable, Hashable {
        case write(file: String, text: String)
        case remove(file: String)
    }

    private let plan: Plan
    private var schedule: CueSchedule
    /// Segments given out so far, and those passed over.
    private var closed = 0
    /// Cues that reach into the next segment.
    private var crossing: [Cue] = []
    /// Of the segments in the playlist; then those that are out of it but still there.
    private var listed: [Int] = []
    private var retired: [Int] = []

    package init(_ plan: Plan, timing: CueSchedule.Timing) {
        self.plan = plan
        schedule = CueSchedule(timing: timing)
    }

    /// Captions of which something was left out.
    package var omitted: Int { schedule.omitted }

    /// Name of the media playlist.
    package var playlistFile: String { "\(plan.name).m3u8" }

    /// Takes a caption, in the order of telling.
    package mutating func add(_ caption: TimedCaption) {
        schedule.add(caption)
    }

    /// - Parameter now: the time reached.
    /// - Returns: what has become due; nothing while no segment has ended.
    package mutating func advance(to now: MediaTime) -> [Change] {
        passOverMissedSegments(now)
        var changes: [Change] = []
        while end(of: closed) + plan.delay <= now { changes.append(close()) }
        return changes.isEmpty ? [] : changes + update(isEnded: false)
    }

    /// Gives out what is left, up to a time; no more segments will come. A window is not told to have ended: whoever goes on with it later
    /// has the same numbers for the same times.
    package mutating func finish(at now: MediaTime) -> [Change] {
        passOverMissedSegments(now)
        var changes: [Change] = []
        while start(of: closed) < now || closed == 0 { changes.append(close()) }
        return changes + update(isEnded: plan.window == nil)
    }

    // MARK: - Segments

    private func start(of index: Int) -> MediaTime { plan.segment * Int64(index) }
    private func end(of index: Int) -> MediaTime { plan.segment * Int64(index + 1) }
    private func file(_ index: Int) -> String { "\(plan.name)-\(plan.firstSequence + index).vtt" }

    private mutating func close() -> Change {
        let (index, start, end) = (closed, start(of: closed), end(of: closed))
        closed += 1
        let cues = crossing + schedule.commit(before: end)
        crossing = cues.filter { $0.end > end }
        listed.append(index)
        return .write(file: file(index), text: segmentText(cues, from: start))
    }

    /// After a machine has slept nobody wants the segments of the night.
    private mutating func passOverMissedSegments(_ now: MediaTime) {
        guard let window = plan.window else { return }
        let due = Int((now - plan.delay).units / plan.segment.units)
        guard due - closed > 2 * window else { return }
        closed = due - window
        _ = schedule.commit(before: start(of: closed))
        crossing = []
        retired += listed
        listed = []
    }

    /// The playlist, and what falls out of it. A file stays for as long as somebody may still have a playlist that names it
    /// (RFC 8216 §6.2.2): the segment's duration and that of the longest playlist.
    private mutating func update(isEnded: Bool) -> [Change] {
        guard let window = plan.window else { return [.write(file: playlistFile, text: playlist(isEnded: isEnded))] }
        let surplus = max(listed.count - window, 0)
        retired += listed.prefix(surplus)
        listed.removeFirst(surplus)
        let gone = retired.prefix { $0 + 2 * window + 1 < closed }
        retired.removeFirst(gone.count)
        return [.write(file: playlistFile, text: playlist(isEnded: isEnded))] + gone.map { .remove(file: file($0)) }
    }

    // MARK: - Text

    /// Local times begin anew once a day: in 26.5 hours the 33 bits of MPEG-2's time stamps run over. A minute of the new day is
    /// still counted on from the old one, so that no cue begins before zero.
    private func localZero(_ start: MediaTime) -> MediaTime {
        let day = MediaTime(milliseconds: 86_400_000)
        let days = max(start - MediaTime(milliseconds: 60_000), .zero).units / day.units
        return day * days
    }

    private func segmentText(_ cues: [Cue], from start: MediaTime) -> String {
        let zero = localZero(start)
        let transport = (plan.transportTime + zero.units) & (1 << 33 - 1)
        let blocks = cues.map { cue in
            var cue = cue
            cue.start = cue.start - zero
            cue.end = cue.end - zero
            return SubtitleFormat.vtt.block(cue)
        }
        return "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:\(transport)\n\n" + blocks.joined()
    }

    private func playlist(isEnded: Bool) -> String {
        let seconds = (plan.segment.milliseconds + 999) / 1_000
        let milliseconds = String(1_000 + plan.segment.milliseconds % 1_000).dropFirst()
        var lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:\(seconds)"]
        lines.append("#EXT-X-MEDIA-SEQUENCE:\(plan.firstSequence + (listed.first ?? closed))")
        if plan.window == nil { lines.append("#EXT-X-PLAYLIST-TYPE:EVENT") }
        for (place, index) in listed.enumerated() {
            if place == 0, let zero = plan.zero {
                let nanoseconds = zero.nanoseconds + start(of: index).milliseconds * 1_000_000
                lines.append("#EXT-X-PROGRAM-DATE-TIME:\(UTC(nanoseconds: nanoseconds).rfc3339)")
            }
            lines.append("#EXTINF:\(plan.segment.milliseconds / 1_000).\(milliseconds),")
            lines.append(file(index))
        }
        if isEnded { lines.append("#EXT-X-ENDLIST") }
        return lines.joined(separator: "\n") + "\n"
    }
}
