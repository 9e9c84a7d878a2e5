import Foundation
import Media
import MediaTesting
import Subtitles
import Testing

@Suite struct SegmentedSubtitlesTests {
    private func at(_ seconds: Double) -> MediaTime { MediaTime(milliseconds: Int64((seconds * 1_000).rounded())) }

    private func caption(_ id: String, _ text: String, told: Double, replaces: String? = nil) -> TimedCaption {
        TimedCaption(id: id, replaces: replaces, text: text, start: at(told - 1), end: at(told), told: at(told))
    }

    private static var live: SegmentedSubtitles.Plan {
        var plan = SegmentedSubtitles.Plan()
        plan.window = 3
        plan.firstSequence = 1_000
        plan.zero = UTC(nanoseconds: 6_000 * 1_000_000_000)
        plan.transportTime = 126_000
        return plan
    }

    /// What a folder holds after the changes; files are removed only if they are there.
    private struct Folder {
        var files: [String: String] = [:]

        mutating func apply(_ changes: [SegmentedSubtitles.Change]) {
            for change in changes {
                switch change {
                case .write(let file, let text): files[file] = text
                case .remove(let file): #expect(files.removeValue(forKey: file) != nil, "\(file) is not there")
                }
            }
        }

        /// The segments that the playlist names.
        var listed: [String] {
            (files["captions.m3u8"] ?? "").split(separator: "\n").filter { !$0.hasPrefix("#") }.map { String($0) }
        }

        func value(_ tag: String) -> String? {
            (files["captions.m3u8"] ?? "").split(separator: "\n").first { $0.hasPrefix("#\(tag):") }
                .map { String($0.dropFirst(tag.count + 2)) }
        }
    }

    @Test func aCueThatCrossesABoundaryIsInBothSegments() {
        var segments = SegmentedSubtitles(Self.live, timing: .told)
        segments.add(caption("a", "A region enters.", told: 4.5))
        #expect(segments.advance(to: at(5.999)) == [])
        var folder = Folder()
        folder.apply(segments.advance(to: at(6)))
        folder.apply(segments.advance(to: at(18)))
        let cue = "1\n00:00:04.500 --> 00:00:07.500\nA region enters.\n\n"
        let head = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:126000\n\n"
        #expect(folder.files["captions-1000.vtt"] == head + cue)
        #expect(folder.files["captions-1001.vtt"] == head + cue)
        #expect(folder.files["captions-1002.vtt"] == head)
    }

    @Test func thePlaylistIsAWindowThatSlides() {
        var segments = SegmentedSubtitles(Self.live, timing: .told)
        var folder = Folder()
        for second in 0...120 {
            folder.apply(segments.advance(to: at(Double(second))))
            let closed = second / 6
            guard closed > 0 else { continue }
            let first = max(closed - 3, 0)
            #expect(folder.listed == (first..<closed).map { "captions-\(1_000 + $0).vtt" })
            #expect(folder.value("EXT-X-MEDIA-SEQUENCE") == "\(1_000 + first)")
            #expect(
                folder.value("EXT-X-PROGRAM-DATE-TIME")
                    == UTC(nanoseconds: Int64(6_000 + 6 * first) * 1_000_000_000).rfc3339)
            // Who still has an older playlist finds its segments: one and a window of them are kept.
            for index in max(closed - 7, 0)..<closed { #expect(folder.files["captions-\(1_000 + index).vtt"] != nil) }
            #expect(folder.files.count <= 3 + 4 + 1)
        }
        #expect(folder.value("EXT-X-TARGETDURATION") == "6")
        // The last segment is not over, and nobody is told that this is the end.
        folder.apply(segments.finish(at: at(121)))
        #expect(folder.listed.last == "captions-1020.vtt")
        #expect(folder.files["captions.m3u8"]?.contains("ENDLIST") == false)
    }

    /// The text of a segment that is not written yet changes.
    @Test func aReplacementReachesWhatIsNotWritten() {
        var segments = SegmentedSubtitles(Self.live, timing: .told)
        var folder = Folder()
        segments.add(caption("a", "A region enters.", told: 1))
        segments.add(caption("b", "A white van arrives.", told: 4, replaces: "a"))
        folder.apply(segments.advance(to: at(6)))
        #expect(folder.files["captions-1000.vtt"]?.contains("region") == false)
        #expect(folder.files["captions-1000.vtt"]?.contains("00:00:04.000 --> 00:00:07.000\nA white van") == true)
        segments.add(caption("c", "The van stops.", told: 8, replaces: "b"))
        folder.apply(segments.advance(to: at(12)))
        #expect(folder.files["captions-1001.vtt"]?.contains("A white van") == true)
        #expect(folder.files["captions-1001.vtt"]?.contains("00:00:08.000 --> 00:00:11.000\nThe van stops.") == true)
    }

    /// Written late, captions stand where their events began.
    @Test func segmentsWaitForCaptionsOfWhatWasInThem() {
        var plan = Self.live
        plan.delay = at(5)
        var segments = SegmentedSubtitles(plan, timing: .event)
        #expect(segments.advance(to: at(10.999)) == [])
        segments.add(TimedCaption(id: "a", text: "It stops.", start: at(4), end: at(9), told: at(10.9)))
        var folder = Folder()
        folder.apply(segments.advance(to: at(11)))
        #expect(folder.files["captions-1000.vtt"]?.contains("00:00:04.000 --> 00:00:09.000\nIt stops.") == true)
    }

    /// MPEG-2's time stamps have 33 bits; times in the segments begin anew before they run over.
    @Test func timesBeginAnewEachDay() {
        var plan = Self.live
        plan.transportTime = 8_589_000_000
        var segments = SegmentedSubtitles(plan, timing: .told)
        var folder = Folder()
        let day = 86_400.0
        for second in stride(from: 0, through: 2 * day + 60, by: 6) {
            folder.apply(segments.advance(to: at(second)))
            if second == day + 54 { segments.add(caption("a", "A region enters.", told: day + 58)) }
        }
        folder.apply(segments.advance(to: at(2 * day + 72)))
        #expect(folder.files.count <= 8)
        let newest = folder.files["captions-\(1_000 + 28_811)"] ?? folder.files["captions-\(1_000 + 28_811).vtt"] ?? ""
        #expect(newest.contains("LOCAL:00:00:00.000,MPEGTS:\((8_589_000_000 + 2 * 86_400 * 90_000) % 8_589_934_592)"))

        var again = SegmentedSubtitles(plan, timing: .told)
        again.add(caption("a", "A region enters.", told: day + 58))
        let changes = again.finish(at: at(day + 64))
        let texts = changes.compactMap { change -> String? in
            if case .write(_, let text) = change, text.contains("region") { text } else { nil }
        }
        #expect(texts.count == 2)
        let old = "24:00:58.000 --> 24:01:01.000", new = "00:00:58.000 --> 00:01:01.000"
        #expect(texts.first?.contains(old) == true && texts.last?.contains(new) == true)
        let moved = (8_589_000_000 + 86_400 * 90_000) % 8_589_934_592
        #expect(
            texts.first?.contains("MPEGTS:8589000000\n") == true && texts.last?.contains("MPEGTS:\(moved)\n") == true)
    }

    /// A machine that has slept does not write the segments of the night.
    @Test func missedSegmentsArePassedOver() {
        var segments = SegmentedSubtitles(Self.live, timing: .told)
        var folder = Folder()
        folder.apply(segments.advance(to: at(60)))
        let changes = segments.advance(to: at(36_000))
        #expect(changes.count < 20)
        folder.apply(changes)
        #expect(folder.listed == ["captions-6997.vtt", "captions-6998.vtt", "captions-6999.vtt"])
        #expect(folder.value("EXT-X-MEDIA-SEQUENCE") == "6997")
        #expect(folder.files.count == 4)
    }

    @Test func theMasterPlaylistNamesTheCaptions() {
        let master = MasterPlaylist(video: "cam.m3u8", captions: "captions.m3u8", language: "en", title: "Eng\"lish\n")
        #expect(
            master.text == """
                #EXTM3U
                #EXT-X-VERSION:3
                #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI="captions.m3u8"
                #EXT-X-STREAM-INF:BANDWIDTH=20000000,SUBTITLES="captions"
                cam.m3u8

                """)
    }

    /// FFmpeg's reader of playlists finds every cue at its time.
    @Test(.enabled(if: FFmpeg.isInstalled, "needs ffmpeg"))
    func aPlaylistPlaysInFFmpeg() throws {
        var plan = SegmentedSubtitles.Plan()
        plan.transportTime = 126_000
        var segments = SegmentedSubtitles(plan, timing: .event)
        let starts = [2.0, 8.5, 14.25, 15.5, 29.0]
        for (index, start) in starts.enumerated() {
            segments.add(
                TimedCaption(
                    id: "\(index)", text: "Caption \(index).", start: at(start), end: at(start), told: at(start)))
        }
        var folder = Folder()
        folder.apply(segments.finish(at: at(33)))
        #expect(folder.listed.count == 6)
        #expect(folder.files["captions.m3u8"]?.hasSuffix("#EXT-X-ENDLIST\n") == true)
        let cues = try FFmpeg.withTemporaryDirectory { directory in
            for (name, text) in folder.files { try Data(text.utf8).write(to: directory.appendingPathComponent(name)) }
            return try SubtitleReader.cues(directory.appendingPathComponent("captions.m3u8"))
        }
        // Cues that are in two segments are shown once.
        #expect(cues.map(\.start) == starts.map { Int($0 * 1_000) })
        #expect(cues.map(\.end) == [5_000, 11_500, 15_416, 18_500, 32_000])
        #expect(cues.map(\.text) == starts.indices.map { "Caption \($0)." })
    }
}
