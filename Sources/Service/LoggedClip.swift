internal import Events
internal import Media
internal import Rendering
internal import Tokenization

/// A clip as its `clip.tokens` event tells it, decoded.
struct LoggedClip {
    var stream: String
    var session: Int
    var index: Int
    var start: MediaTime
    var end: MediaTime
    var keyTime: MediaTime
    var video: (width: Int, height: Int)?
    var decoded: DecodedClip

    /// Pictures from its start to its end, one a field.
    var pictures: Int {
        let units = Clip.fieldDuration.units
        return Int(min(max((end - start).units + units / 2, units) / units, Int64(Clip.fieldCount)))
    }

    /// The picture that its thumbnail shows.
    var keyPicture: Int {
        let units = Clip.fieldDuration.units
        return Int(min(max((keyTime - start).units / units, 0), Int64(Clip.fieldCount - 1)))
    }
}

/// Reads event lines, as `videowire run --json` and `videowire watch --json` write them.
struct ClipReader {
    /// A line that cannot be used.
    struct Damage: Error, CustomStringConvertible {
        var description: String
    }

    private let tokenizers: [String: any ClipTokenizer]

    init(tokenizers: [any ClipTokenizer]) {
        self.tokenizers = Dictionary(tokenizers.map { ($0.description.id, $0) }) { first, _ in first }
    }

    /// Nil for events other than `clip.tokens`, and for empty lines.
    func clip(from line: String) throws -> LoggedClip? {
        guard line.contains(where: { !$0.isWhitespace }) else { return nil }
        guard let event = JSONValue(line) else { throw Damage(description: "not JSON, or cut off") }
        guard let type = event["type"]?.string else { throw Damage(description: "not an event: it has no type") }
        guard type == EventName.clipTokens.type else { return nil }
        let fields = Fields(value: event["data"] ?? .null)
        let clip = Fields(value: event["data"]?["clip"] ?? .null, path: "clip.")
        let start = try clip.time("pts_start_ns")
        return LoggedClip(
            stream: try fields.string("stream"), session: try fields.integer("session"),
            index: try clip.integer("index"), start: start, end: try clip.time("pts_end_ns"),
            keyTime: event["data"]?["key"]?["pts_ns"]?.integer.map { MediaTime(nanoseconds: $0) } ?? start,
            video: size(event["data"]?["video"]), decoded: try decode(fields, event["data"]))
    }

    private func decode(_ fields: Fields, _ data: JSONValue?) throws -> DecodedClip {
        let name = try fields.string("tokenizer")
        guard let tokenizer = tokenizers[name] else {
            let known = tokenizers.keys.sorted().joined(separator: ", ")
            throw Damage(description: "tokens of the tokenizer \(name), which is not known here; known is \(known)")
        }
        let key = try Fields(value: data?["key"] ?? .null, path: "key.").ids("ids")
        let motion = try Fields(value: data?["motion"] ?? .null, path: "motion.").ids("ids")
        return try tokenizer.decode(ClipTokens(key: key, motion: motion))
    }

    private func size(_ video: JSONValue?) -> (width: Int, height: Int)? {
        guard let width = video?["width"]?.integer.flatMap({ Int(exactly: $0) }),
            let height = video?["height"]?.integer.flatMap({ Int(exactly: $0) }), width > 0, height > 0
        else { return nil }
        return (width, height)
    }
}

/// The members of a JSON object that must be there.
private struct Fields {
    var value: JSONValue
    var path = ""

    func string(_ name: String) throws -> String {
        guard let text = value[name]?.string else { throw missing(name, "a string") }
        return text
    }

    func integer(_ name: String) throws -> Int {
        guard let number = value[name]?.integer.flatMap({ Int(exactly: $0) }) else { throw missing(name, "a number") }
        return number
    }

    func time(_ name: String) throws -> MediaTime {
        MediaTime(nanoseconds: Int64(try integer(name)))
    }

    func ids(_ name: String) throws -> [Int] {
        let ids = value[name]?.array?.compactMap { $0.integer.flatMap { Int(exactly: $0) } }
        guard let ids, ids.count == value[name]?.array?.count else { throw missing(name, "a list of numbers") }
        return ids
    }

    private func missing(_ name: String, _ kind: String) -> ClipReader.Damage {
        ClipReader.Damage(description: "data.\(path)\(name) must be \(kind)")
    }
}
