internal import Events
internal import Media

/// What subtitles take of a `caption.final` event.
struct SubtitleCaption {
    var id: String
    var replaces: String?
    var text: String
    /// Media time.
    var media: ClosedRange<MediaTime>
    /// Capture time; nil where it is not known.
    var capture: ClosedRange<UTC>?

    /// - Parameter data: the event's `data`; nil where it is no caption with a text and a span.
    init?(_ data: JSONValue) {
        guard let text = data["text"]?.string, let start = data["pts_start_ns"]?.integer,
            let end = data["pts_end_ns"]?.integer
        else { return nil }
        id = data["id"]?.string ?? ""
        replaces = data["replaces"]?.string
        self.text = text
        media = MediaTime(nanoseconds: start)...MediaTime(nanoseconds: max(start, end))
        let captured = ["utc_start", "utc_end"].compactMap { data[$0]?.string.flatMap { UTC(rfc3339: $0) } }
        if captured.count == 2 { capture = captured[0]...max(captured[0], captured[1]) }
    }
}
