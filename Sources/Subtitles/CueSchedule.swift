package import Media

/// Decides from when to when each caption is shown.
///
/// A cue is given out when its times will not change any more, in the order of time, and no two are shown at once. Until then a newer caption may end
/// it early (but not before it can be read), come before it, or replace it. A caption that is due while another one is being read
/// waits for that; one that would have to wait too long is left out for a newer one.
package struct CueSchedule: Sendable {
    /// When a caption is due.
    package enum Timing: Sendable {
        /// When that began which it tells of: for whoever looks at the pictures later.
        case event
        /// When it was told: for whoever looks at them now.
        case told
    }

    private struct Entry {
        var id: String
        var due: MediaTime
        /// When that ended which it tells of.
        var end: MediaTime
        var pages: ArraySlice<CueLayout.Page>
        var hasBegun = false
    }

    private let timing: Timing
    /// By `due`; of equal ones the earlier told first.
    private var entries: [Entry] = []
    /// Where the next cue can begin.
    private var free = MediaTime.zero
    private var count = 0
    /// Captions of which something was left out, because newer ones came faster than they can be read.
    package private(set) var omitted = 0

    package init(timing: Timing) {
        self.timing = timing
    }

    /// Takes a caption, in the order of telling.
    package mutating func add(_ caption: TimedCaption) {
        if let replaced = caption.replaces { withdraw(replaced) }
        let wanted = timing == .event ? caption.start : caption.told
        let entry = Entry(
            id: caption.id, due: max(wanted.atMillisecond, free),
            end: timing == .event ? caption.end : caption.told, pages: CueLayout.pages(caption.text)[...])
        guard !entry.pages.isEmpty else { return }
        // What is being shown is ended first.
        let place = entries.lastIndex { $0.due <= entry.due || $0.hasBegun }.map { $0 + 1 } ?? 0
        entries.insert(entry, at: place)
    }

    /// Takes back what is not given out yet.
    private mutating func withdraw(_ id: String) {
        entries.removeAll { $0.id == id }
    }

    /// - Returns: the cues that begin before a time, now final.
    package mutating func commit(before limit: MediaTime) -> [Cue] {
        var cues: [Cue] = []
        while let entry = entries.first {
            let start = entry.hasBegun ? free : max(entry.due, free)
            guard start < limit else { break }
            if let cue = cue(of: entry, at: start) { cues.append(cue) } else { omit() }
        }
        return cues
    }

    /// - Returns: all that is left.
    package mutating func finish() -> [Cue] {
        commit(before: MediaTime(units: .max))
    }

    private mutating func omit() {
        entries.removeFirst()
        omitted += 1
    }

    /// Takes the first entry's next page; nil where it is too late for it.
    private mutating func cue(of entry: Entry, at start: MediaTime) -> Cue? {
        guard let page = entry.pages.first else { return nil }
        let follower = entries.dropFirst().first
        let readable = start + SubtitleRules.readingTime(columns: page.columns)
        if let follower {
            let isLate = !entry.hasBegun && start - entry.due > SubtitleRules.latest
            let makesLate = entry.hasBegun && readable + SubtitleRules.gap - follower.due > SubtitleRules.latest
            if isLate || makesLate { return nil }
        }
        let isLast = entry.pages.count == 1
        entries[0].pages.removeFirst()
        entries[0].hasBegun = true
        if isLast { entries.removeFirst() }

        let end = isLast ? max(readable, lastEnd(of: entry, from: start, follower?.due)) : readable
        free = end + SubtitleRules.gap
        count += 1
        return Cue(number: count, start: start, end: end, lines: page.lines)
    }

    /// How long a caption's last page stays, as far as it depends on what it tells and on what comes after it.
    private func lastEnd(of entry: Entry, from start: MediaTime, _ follower: MediaTime?) -> MediaTime {
        let comfortable = max(start + SubtitleRules.comfortableCue, entry.end.atMillisecond)
        let natural = min(comfortable, start + SubtitleRules.longestCue)
        return follower.map { min(natural, $0 - SubtitleRules.gap) } ?? natural
    }
}
