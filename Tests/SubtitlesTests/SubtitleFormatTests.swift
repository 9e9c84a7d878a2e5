import Media
import MediaTesting
import Subtitles
import Testing

@Suite(.enabled(if: FFmpeg.isInstalled, "needs ffmpeg"))
struct SubtitleFormatTests {
    private func cue(_ number: Int, _ start: Int64, _ end: Int64, _ lines: String...) -> Cue {
        Cue(number: number, start: MediaTime(milliseconds: start), end: MediaTime(milliseconds: end), lines: lines)
    }

    @Test func webVTTIsAsItsSpecificationSays() {
        let text =
            SubtitleFormat.vtt.header(notes: ["made --> here\n\nnow"])
            + SubtitleFormat.vtt.block(cue(1, 4_200, 7_916, "R&D <i>moves</i>", "--> left"))
        #expect(
            text == """
                WEBVTT

                NOTE made --&gt; here now

                1
                00:00:04.200 --> 00:00:07.916
                R&amp;D &lt;i&gt;moves&lt;/i&gt;
                --&gt; left


                """)
    }

    @Test func subRipIsAsPlayersReadIt() {
        #expect(SubtitleFormat.srt.header(notes: ["nothing"]) == "")
        #expect(
            SubtitleFormat.srt.block(cue(12, 4_200, 7_916, "R&D", "moves"))
                == "12\n00:00:04,200 --> 00:00:07,916\nR&D\nmoves\n\n")
    }

    @Test(
        arguments: [
            (0, "00:00:00.000"), (3_599_999, "00:59:59.999"), (360_000_000, "100:00:00.000"), (-5, "00:00:00.000"),
            (8_760 * 3_600_000 + 1, "8760:00:00.001"),
        ])
    func hoursHaveAsManyDigitsAsTheyNeed(milliseconds: Int64, expected: String) {
        #expect(SubtitleFormat.vtt.stamp(MediaTime(milliseconds: milliseconds)) == expected)
    }

    /// A file that grows is read by FFmpeg after every cue.
    @Test(arguments: SubtitleFormat.allCases)
    func aGrowingFileIsAlwaysValid(format: SubtitleFormat) throws {
        var text = format.header(notes: ["00:00:00.000 is 2026-11-21T00:10:02.512Z"])
        // SubRip has no header: an empty file is no subtitle file to FFmpeg.
        if format == .vtt { #expect(try SubtitleReader.cues(text, "x.vtt") == []) }
        var expected: [SubtitleReader.Cue] = []
        let lines = [
            ["The picture is still."], ["A region enters", "from the left."], ["Überraschung, 漢字 & 🚗"],
            ["a < b > c --> d"],
            ["<i>not slanted</i>", "&amp;"], ["100:00:00.000 --> 100:00:01.000"], ["NOTE", "WEBVTT"], ["7"],
        ]
        for (index, lines) in lines.enumerated() {
            let start = Int64(index * index * 3_000_000)
            let next = Cue(
                number: index + 1, start: MediaTime(milliseconds: start), end: MediaTime(milliseconds: start + 2_345),
                lines: lines)
            text += format.block(next)
            expected.append(
                SubtitleReader.Cue(
                    start: Int(start), end: Int(start) + 2_345, text: lines.joined(separator: "\n")))
            let read = try SubtitleReader.cues(text, "x.\(format.rawValue)").map { cue in
                // What keeps players from taking text for markup is not seen.
                var cue = cue
                cue.text.unicodeScalars.removeAll { $0 == "\u{2060}" }
                return cue
            }
            #expect(read == expected)
        }
    }

    /// Comments may stand between the cues.
    @Test func notesAreNoCues() throws {
        let text =
            SubtitleFormat.vtt.header() + SubtitleFormat.vtt.block(cue(1, 0, 1_000, "one"))
            + SubtitleFormat.vtt.note("2 captions --> were left out")
            + SubtitleFormat.vtt.block(cue(2, 2_000, 3_000, "two"))
        #expect(try SubtitleReader.cues(text, "x.vtt").map(\.text) == ["one", "two"])
    }
}
