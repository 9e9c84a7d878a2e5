internal import Media
internal import Subtitles

/// Where subtitles go, and how.
public struct SubtitleRequest: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        case vtt, srt

        /// What a file's ending says; nil for others.
        public init?(ending path: String) {
            let name = path.split(separator: "/").last ?? ""
            guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
            self.init(rawValue: name[name.index(after: dot)...].lowercased())
        }

        var text: SubtitleFormat { self == .vtt ? .vtt : .srt }
    }

    public enum Destination: Sendable {
        /// Nil: standard output.
        case file(path: String?, Format)
        /// Segments and a playlist.
        case folder(String, Segments)
    }

    /// For HTTP Live Streaming.
    public struct Segments: Sendable {
        /// What the names of all files begin with.
        public var name = "captions"
        /// Length of a segment.
        public var seconds = 6
        /// Segments in a playlist of a live source; nil: 10.
        public var window: Int?
        /// Time stamp, in 1/90 000 s, that the video's transport stream has at media time zero of a file, or at 1970-01-01T00:00:00Z of
        /// a camera: by default 1.4 s, which FFmpeg adds to all time stamps of a transport stream.
        public var transportTime: Int64 = 126_000
        /// URI of the video's playlist, for a master playlist; nil: none is written.
        public var video: String?
        /// BCP 47; for the master playlist.
        public var language = "en"
        public var title = "Captions"

        public init() {}
    }

    public var destination: Destination
    /// Of a live source: captions are written so many seconds late, each where that began which it tells of; nil or 0: at once, where they are told.
    public var delay: Int?

    public init(destination: Destination, delay: Int? = nil) {
        self.destination = destination
        self.delay = delay
    }

    /// What is asked for, but only live sources have; nil where there is nothing of the kind.
    var liveOption: String? {
        if delay != nil { return "--delay" }
        if case .folder(_, let segments) = destination, segments.window != nil { return "--window" }
        return nil
    }
}
