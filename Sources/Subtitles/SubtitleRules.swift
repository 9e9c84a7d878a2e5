package import Media

/// Limits of readable subtitles, as streaming services and broadcasters have them.
///
/// Line length, lines, reading speed (adult programmes), longest cue and gap are those of Netflix' Timed Text Style Guide, General Requirements and
/// English (United States); its shortest cue, 5/6 s, is rounded up to the BBC's and EBU's usual second. All are in columns: a wide
/// character counts for two, which gives Chinese and Japanese 21 characters a line and 10 a second.
package enum SubtitleRules {
    package static let columnsPerLine = 42
    package static let linesPerCue = 2
    package static let columnsPerSecond = 20
    package static let shortestCue = MediaTime(milliseconds: 1_000)
    package static let longestCue = MediaTime(milliseconds: 7_000)
    /// Two pictures of 24 a second, rounded up: two cues without a gap look like one whose text jumps.
    package static let gap = MediaTime(milliseconds: 84)

    // The rest is videowire's own: captions come when something happens, not in the rhythm of speech.

    /// What a cue lasts where nothing follows: nobody waits for the next one with his eyes on the place.
    package static let comfortableCue = MediaTime(milliseconds: 3_000)
    /// A caption that cannot be shown within this time of when it should be, because others are still being read, is left out
    /// where a newer one waits.
    package static let latest = MediaTime(milliseconds: 4_000)
    /// More of a caption is cut off: it takes 40 s to read.
    package static let longestCaption = 800

    /// How long so many columns take to read; at least the shortest cue.
    package static func readingTime(columns: Int) -> MediaTime {
        max(shortestCue, MediaTime(milliseconds: Int64(columns) * 1_000 / Int64(columnsPerSecond)))
    }
}
