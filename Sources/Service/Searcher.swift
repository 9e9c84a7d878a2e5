internal import Events
internal import Media

/// The work of `videowire search`.
public enum Searcher {
    public struct Request: Sendable {
        /// Words that must all be in the caption; in quotation marks, together.
        public var text: String
        /// See `PastTime`.
        public var since: String?
        public var until: String?
        /// Patterns; empty: all.
        public var streams: [String]
        public var limit: Int
        public var isBestFirst: Bool
        /// Event lines instead of text.
        public var json: Bool
        /// A folder that gets a page with thumbnails; nil: none is made.
        public var page: String?
        public var log: String

        public init(
            text: String, since: String?, until: String?, streams: [String], limit: Int, isBestFirst: Bool, json: Bool,
            page: String?, log: String
        ) {
            self.text = text
            self.since = since
            self.until = until
            self.streams = streams
            self.limit = limit
            self.isBestFirst = isBestFirst
            self.json = json
            self.page = page
            self.log = log
        }
    }

    /// There is no word to look for.
    struct NoWords: Error, CustomStringConvertible {
        let text: String
        var description: String { "\"\(text)\" has no word to look for; write words of a caption, e.g. \"white van\"" }
    }

    /// - Throws: `EventLogError`, `FileOutput.Failure`, or what is wrong with the request.
    public static func run(_ request: Request) async throws {
        try await onOwnThread("vw-search") { Result { try search(request) } }.get()
    }

    private static func search(_ request: Request) throws {
        var query = CaptionSearch(request.text)
        guard query.hasWords else { throw NoWords(text: request.text) }
        query.since = try request.since.map { try PastTime.parse($0, option: "--since") }
        query.until = try request.until.map { try PastTime.parse($0, option: "--until") }
        query.streams = request.streams.map { Glob($0) }
        query.limit = request.limit
        query.isBestFirst = request.isBestFirst
        let log = try LogReader(path: request.log)
        let found = try log.search(query).map { SearchResult($0) }
        var output = FileOutput()
        for result in found { try output.write(((request.json ? result.line : result.text) + "\n").utf8) }
        try output.flush()
        if found.isEmpty { printError("videowire: no caption has all of these words") }
        if let path = request.page { try SearchPage(path: path).write(found, request.text, from: log) }
    }
}

/// A caption that was found, for people.
struct SearchResult {
    let line: String
    let stream: String
    /// `SESSION/CLIP` of the last clip that it tells of, or the session alone.
    let subject: String
    let emitted: UTC
    /// When it was taken, where that is known; else when it was told. RFC 3339.
    let time: String
    let words: String

    init(_ found: FoundCaption) {
        let event = JSONValue(found.line)
        let data = event?["data"]
        line = found.line
        stream = found.stream
        subject = event?["subject"]?.string ?? ""
        emitted = found.time
        time = data?["utc_start"]?.string ?? found.time.rfc3339
        let parts = [data?["question"]?.string, data?["text"]?.string].compactMap(\.self)
        // On one line, and nothing that a terminal would obey.
        words = parts.joined(separator: " – ").unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : String(scalar)
        }.joined()
    }

    var text: String { "\(time)  \(stream)/\(subject)  \(words)" }
}
