package import Media

/// When to speak: at most one caption in three seconds of media time. What comes in between is remembered, and the newest
/// wins; a sentence that differs from the last one in its numbers only is not said again within half a minute.
package struct SpeechPolicy: Sendable {
    private let minimumGap: MediaTime
    private let repeatAfter: MediaTime
    private var waiting: Caption?
    private var last: (time: MediaTime, wording: String)?

    package init(minimumGap: MediaTime = MediaTime(seconds: 3), repeatAfter: MediaTime = MediaTime(seconds: 30)) {
        self.minimumGap = minimumGap
        self.repeatAfter = repeatAfter
    }

    /// Takes what there is to say at `now`, if anything, and gives out what may be said now.
    package mutating func handle(_ caption: Caption?, now: MediaTime) -> Caption? {
        if let caption { waiting = caption }
        guard let candidate = waiting else { return nil }
        if let last, now - last.time < minimumGap { return nil }
        waiting = nil
        let wording = candidate.text.filter { !$0.isNumber }
        if let last, last.wording == wording, now - last.time < repeatAfter { return nil }
        last = (now, wording)
        return candidate
    }
}
