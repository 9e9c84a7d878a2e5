public import Media

/// What a consumer asks for with its `subscribe` line.
public struct SubscribeRequest: Sendable, Hashable {
    /// Where to begin.
    public enum Start: Sendable, Hashable {
        /// With the next event.
        case live
        /// After the last event seen.
        case after(epoch: String, sequence: UInt64)
        /// With the first event emitted at or after a point of time.
        case time(UTC)
    }

    /// What happens to a live consumer when more than `maximumQueue` events wait for it.
    public enum Policy: Sendable, Hashable {
        /// The oldest are left out, and `log.lost` says which.
        case dropOldest
        /// Nothing for so long, then as `dropOldest`.
        case block(milliseconds: Int)
        /// An `error`, then the end of the connection.
        case disconnect
    }

    /// Globs on stream names; empty: all.
    public var streams: [String]
    /// Globs on event names; empty: all.
    public var types: [String]
    public var start: Start
    public var policy: Policy
    public var maximumQueue: Int

    public init(
        streams: [String] = [], types: [String] = [], start: Start = .live, policy: Policy = .dropOldest,
        maximumQueue: Int = 1_024
    ) {
        self.streams = streams
        self.types = types
        self.start = start
        self.policy = policy
        self.maximumQueue = maximumQueue
    }

    var filter: EventFilter {
        EventFilter(streams: streams.map(Glob.init), types: types.map(Glob.init))
    }

    /// The line that a client sends, without its newline.
    package var line: String {
        let request = JSONObject { request in
            if !streams.isEmpty { request.add("streams", json: JSONValue.array(streams.map(JSONValue.string)).text) }
            if !types.isEmpty { request.add("types", json: JSONValue.array(types.map(JSONValue.string)).text) }
            switch start {
            case .live: request.add("from", "live")
            case .after(let epoch, let sequence):
                request.add(
                    "from",
                    JSONObject {
                        $0.add("epoch", epoch)
                        $0.add("seq", EventNumbering.digits(sequence))
                    })
            case .time(let time): request.add("from", JSONObject { $0.add("utc", time.rfc3339) })
            }
            switch policy {
            case .dropOldest: request.add("policy", "drop-oldest")
            case .block(let milliseconds): request.add("policy", "block-ms:\(milliseconds)")
            case .disconnect: request.add("policy", "disconnect")
            }
            request.add("max_queue", maximumQueue)
        }
        return JSONObject { $0.add("subscribe", request) }.text
    }
}

/// A line from a client.
enum ClientRequest: Sendable, Hashable {
    case subscribe(SubscribeRequest)
    case ping(JSONValue)
    case ask(Question)

    /// - Throws: `RequestError`, which names the field and what is allowed.
    init(line: String) throws(RequestError) {
        guard let value = JSONValue(line), case .object(let fields) = value, fields.count == 1, let field = fields.first
        else {
            throw RequestError("", #"a line must be one JSON object, {"subscribe":{…}}, {"ask":{…}} or {"ping":…}"#)
        }
        switch field.key {
        case "subscribe": self = .subscribe(try SubscribeRequest(field.value))
        case "ping": self = .ping(field.value)
        case "ask": self = .ask(try Question(field.value))
        default: throw RequestError(field.key, #"unknown request; allowed are "subscribe", "ask" and "ping""#)
        }
    }
}

/// What is wrong with a line from a client.
struct RequestError: Error, Hashable {
    /// Dotted path of the field; empty for the line.
    var field: String
    /// Says what is allowed.
    var message: String

    init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}

extension SubscribeRequest {
    fileprivate init(_ value: JSONValue) throws(RequestError) {
        guard case .object(let fields) = value else {
            throw RequestError("subscribe", "must be an object; {} asks for all events from now on")
        }
        let known = ["streams", "types", "from", "policy", "max_queue"]
        if let unknown = fields.keys.sorted().first(where: { !known.contains($0) }) {
            throw RequestError("subscribe.\(unknown)", "unknown field; allowed are \(known.joined(separator: ", "))")
        }
        self.init()
        streams = try Self.globs(fields["streams"], field: "subscribe.streams")
        types = try Self.globs(fields["types"], field: "subscribe.types")
        start = try Self.start(fields["from"])
        policy = try Self.policy(fields["policy"])
        maximumQueue = try Self.maximumQueue(fields["max_queue"])
    }

    private static func globs(_ value: JSONValue?, field: String) throws(RequestError) -> [String] {
        guard let value else { return [] }
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count, texts.count <= 64, texts.allSatisfy({ $0.count <= 256 })
        else { throw RequestError(field, "must be an array of at most 64 patterns of at most 256 characters") }
        return texts
    }

    private static func start(_ value: JSONValue?) throws(RequestError) -> Start {
        let allowed = #""live", {"epoch":"…","seq":N} or {"utc":"2026-11-21T00:10:02.512Z"}"#
        switch value {
        case nil, .string("live"):
            return .live
        case .object(let fields) where fields.keys.sorted() == ["epoch", "seq"]:
            guard let epoch = fields["epoch"]?.string else {
                throw RequestError("subscribe.from.epoch", "must be the epoch of an event")
            }
            guard let sequence = fields["seq"].flatMap(Self.sequence) else {
                throw RequestError("subscribe.from.seq", "must be the sequence of the last event seen, or 0")
            }
            return .after(epoch: epoch, sequence: sequence)
        case .object(let fields) where fields.count == 1 && fields["utc"] != nil:
            guard let time = fields["utc"]?.string.flatMap(UTC.init(rfc3339:)) else {
                throw RequestError("subscribe.from.utc", "must be RFC 3339, such as 2026-11-21T00:10:02.512Z")
            }
            return .time(time)
        default:
            throw RequestError("subscribe.from", "must be \(allowed)")
        }
    }

    /// A whole number, or the text of one.
    private static func sequence(_ value: JSONValue) -> UInt64? {
        switch value {
        case .integer(let number): UInt64(exactly: number)
        // SQLite's integers end at 2⁶³ − 1.
        case .string(let text): Int64(text).flatMap(UInt64.init(exactly:))
        default: nil
        }
    }

    private static func policy(_ value: JSONValue?) throws(RequestError) -> Policy {
        let prefix = "block-ms:"
        switch value {
        case nil, .string("drop-oldest"):
            return .dropOldest
        case .string("disconnect"):
            return .disconnect
        case .string(let text) where text.hasPrefix(prefix):
            if let milliseconds = Int(text.dropFirst(prefix.count)), 0...60_000 ~= milliseconds {
                return .block(milliseconds: milliseconds)
            }
            fallthrough
        default:
            throw RequestError(
                "subscribe.policy", #"must be "drop-oldest", "block-ms:N" with N from 0 to 60000, or "disconnect""#)
        }
    }

    private static func maximumQueue(_ value: JSONValue?) throws(RequestError) -> Int {
        guard let value else { return 1_024 }
        guard let number = value.integer, 1...1_000_000 ~= number else {
            throw RequestError("subscribe.max_queue", "must be a whole number from 1 to 1000000")
        }
        return Int(number)
    }
}
