package import Media

/// Lines on the picture for a span of time.
package struct Cue: Sendable, Hashable {
    /// Counts the cues of an output from 1.
    package var number: Int
    /// Whole milliseconds, as `end`.
    package var start: MediaTime
    package var end: MediaTime
    /// Without line breaks, none empty.
    package var lines: [String]

    package init(number: Int, start: MediaTime, end: MediaTime, lines: [String]) {
        self.number = number
        self.start = start
        self.end = end
        self.lines = lines
    }
}
