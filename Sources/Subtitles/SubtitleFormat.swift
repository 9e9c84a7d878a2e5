package import Media

/// The text of subtitle files. Each piece is whole: a file is valid after every one of them.
package enum SubtitleFormat: String, Sendable, CaseIterable {
    /// W3C WebVTT.
    case vtt
    /// SubRip; it has no specification: as FFmpeg, VLC and GStreamer read it.
    case srt

    /// What a file begins with.
    /// - Parameter notes: comments, a line each; SubRip has none.
    package func header(notes: [String] = []) -> String {
        switch self {
        case .vtt: "WEBVTT\n\n" + notes.map { note($0) }.joined()
        case .srt: ""
        }
    }

    /// A comment in the file; empty where the format has none.
    package func note(_ text: String) -> String {
        self == .vtt ? "NOTE \(Self.webVTT(CaptionText(text).wholeLine))\n\n" : ""
    }

    /// A cue and the empty line that ends it.
    package func block(_ cue: Cue) -> String {
        let times = "\(stamp(cue.start)) --> \(stamp(cue.end))"
        let lines = cue.lines.map { self == .vtt ? Self.webVTT($0) : Self.subRip($0) }
        return "\(cue.number)\n\(times)\n\(lines.joined(separator: "\n"))\n\n"
    }

    /// `hh:mm:ss.mmm`; as many digits of hours as there are, two at least.
    package func stamp(_ time: MediaTime) -> String {
        let milliseconds = max(time.milliseconds, 0)
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let (hours, minutes) = (milliseconds / 3_600_000, milliseconds / 60_000 % 60)
        let point = self == .vtt ? "." : ","
        return "\(padded(hours, 2)):\(padded(minutes, 2)):\(padded(milliseconds / 1_000 % 60, 2))"
            + "\(point)\(padded(milliseconds % 1_000, 3))"
    }

    /// WebVTT §4.2.2: `<` and `&` must be escaped; `>` is, too, so that no text holds an arrow.
    private static func webVTT(_ line: String) -> String {
        var escaped = ""
        for scalar in line.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// SubRip has no escapes, but players take `<i>` and `{\an8}` for markup, and `-->` for times: a word joiner, which is not seen, keeps
    /// them from it.
    private static func subRip(_ line: String) -> String {
        let joiner: Unicode.Scalar = "\u{2060}"
        var text = String.UnicodeScalarView()
        for scalar in line.unicodeScalars {
            if scalar == ">", text.last == "-" { text.append(joiner) }
            text.append(scalar)
            if scalar == "<" || scalar == "{" { text.append(joiner) }
        }
        return String(text)
    }
}
