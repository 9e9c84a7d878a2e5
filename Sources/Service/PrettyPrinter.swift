internal import Events
internal import Foundation

/// Renders event lines for people: one short line an event.
struct PrettyPrinter {
    /// Escape sequences for a terminal.
    var usesColour: Bool
    /// Whether lines name their stream: needed where several are shown.
    var showsStream: Bool

    /// The line for people; nil for events that people need not see (heartbeats).
    func render(_ line: String) -> String? {
        guard let event = JSONValue(line), let type = event["type"]?.string else { return line }
        let data = event["data"] ?? .null
        let name = type.split(separator: ".").dropFirst(2).dropLast().joined(separator: ".")
        let text: String
        switch name {
        case "clip.tokens": text = tokens(data)
        case "caption.final": text = caption(data)
        case "caption.skipped": text = skippedCaption(data)
        case "answer": text = answer(data)
        case "stream.state": text = state(data)
        case "stream.gap": text = styled("gap", .warning) + " \(word(data["cause"])) \(span(data))"
        case "clip.skipped": text = styled("clip skipped", .warning) + " \(word(data["cause"]))"
        case "log.lost":
            text =
                styled("lost", .warning)
                + " events \(word(data["from_seq"])) to \(word(data["to_seq"])): \(word(data["cause"]))"
        case "error": text = styled("error", .warning) + " \(word(data["message"]))"
        case "heartbeat", "hello", "caption.partial", "asked": return nil
        default: text = name
        }
        guard showsStream, let stream = data["stream"]?.string else { return text }
        return styled(stream, .quiet) + " " + text
    }

    private func tokens(_ data: JSONValue) -> String {
        let (clip, key, motion) = (data["clip"], data["key"], data["motion"])
        let share = motion?["coverage"]?.double.flatMap { 0...1 ~= $0 ? $0 : nil }
        let coverage = share.map { " · \(Int(($0 * 100).rounded())) % covered" } ?? ""
        let quantiser = motion?["q"].map { " q\(word($0))" } ?? ""
        let complete = clip?["complete"]?.bool == false ? styled(" incomplete", .warning) : ""
        return styled(clock(clip?["pts_start_ns"]), .quiet)
            + " clip \(word(clip?["index"])): \(word(key?["count"])) key ids (\(word(key?["kind"])))"
            + ", \(word(motion?["count"])) motion ids\(quantiser) from \(word(motion?["source"]))\(coverage)\(complete)"
    }

    private func caption(_ data: JSONValue) -> String {
        styled(clock(data["pts_start_ns"]), .quiet) + " " + styled(word(data["text"]), .strong)
    }

    private func skippedCaption(_ data: JSONValue) -> String {
        let reason = data["reason"]?.string.map { ": \($0)" } ?? ""
        return styled(clock(data["pts_start_ns"]), .quiet)
            + styled(" no caption of \(word(data["trigger"])), \(word(data["cause"]))\(reason)", .quiet)
    }

    private func answer(_ data: JSONValue) -> String {
        let answer = data["reason"]?.string.map { styled("no answer: \($0)", .warning) }
        return "\(word(data["question"])) " + (answer ?? styled(word(data["text"]), .strong))
    }

    private func state(_ data: JSONValue) -> String {
        var text = styled(word(data["state"]), .strong)
        if let reason = data["reason"]?.string, !reason.isEmpty { text += ": \(reason)" }
        if let retry = data["next_retry_ms"]?.double {
            text += String(format: "; next try in %.1f s", retry / 1000)
        }
        return text
    }

    private func span(_ data: JSONValue) -> String {
        "\(clock(data["pts_start_ns"]))–\(clock(data["pts_end_ns"]))"
    }

    /// Media time as m:ss.t
    private func clock(_ value: JSONValue?) -> String {
        guard let nanoseconds = value?.integer else { return "–" }
        let tenths = nanoseconds / 100_000_000
        return String(format: "%3d:%02d.%d", Int(tenths / 600), Int(tenths / 10 % 60), Int(tenths % 10))
    }

    private func word(_ value: JSONValue?) -> String {
        value.map { $0.string ?? $0.text } ?? "–"
    }

    private enum Style: String {
        case strong = "1"
        case quiet = "2"
        case warning = "33"
    }

    private func styled(_ text: String, _ style: Style) -> String {
        usesColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}
