internal import Captioning
package import ChatCompletions
internal import Media

/// Which captioner writes a stream's captions.
package enum CaptionerChoice: String, Sendable, Hashable, CaseIterable {
    /// From motion alone.
    case motion
    /// The chat-completions server of the configuration.
    case chat
}

/// The chat-completions server that writes captions, as a configuration or a command line names it.
public struct CaptionerSettings: Sendable, Hashable {
    /// e.g. `http://127.0.0.1:8080/v1`.
    public var url: String
    /// Nil: the server's first.
    public var model: String?
    /// As written: a file with the key, or the name of a systemd credential.
    public var key: String?
    /// Pictures in a request at most, and their longer side in pixels.
    public var frames = 4
    public var side = 768
    /// How the server takes moving pictures.
    package var video = ChatServer.VideoPart.none
    /// Tokens that an answer may have.
    public var maximumTokens = 80
    /// Requests under way at a time, of all streams.
    public var concurrency = 1
    public var callsPerMinute = 60
    /// Nil: no limit.
    public var tokensPerMinute: Int?
    /// JSON text of an object whose members are added to each request.
    public var extra: String?

    public init(url: String, model: String? = nil, key: String? = nil) {
        self.url = url
        self.model = model
        self.key = key
    }
}

extension CaptionerSettings {
    static let frameLimits = 1...8
    static let sideLimits = 64...768
    static let tokenLimits = 1...4_096

    /// Nil where no server is configured.
    init?(from reader: inout SettingsReader, file: String) throws {
        let url = try reader.string("url")
        self.init(url: url ?? "")
        let blank = self
        model = try reader.string("model")
        key = try reader.string("key")
        frames = try reader.integer("frames", in: Self.frameLimits) ?? frames
        side = try reader.integer("side", in: Self.sideLimits) ?? side
        video = try reader.choice("video", of: ChatServer.VideoPart.self) ?? video
        maximumTokens = try reader.integer("max_tokens", in: Self.tokenLimits) ?? maximumTokens
        concurrency = try reader.integer("concurrency", in: 1...256) ?? concurrency
        callsPerMinute = try reader.integer("calls_per_minute", in: 1...100_000) ?? callsPerMinute
        tokensPerMinute = try reader.integer("tokens_per_minute", in: 1...1_000_000_000)
        extra = try reader.string("extra")
        // A misspelt key explains a missing one.
        try reader.finish()
        guard url != nil else {
            guard self == blank else {
                throw SettingsError(
                    "\(file): captioner.url is missing: the address of a chat-completions server, such as http://127.0.0.1:8080/v1"
                )
            }
            return nil
        }
    }
}

extension SpeechRules {
    init(from reader: inout SettingsReader) throws {
        self.init()
        func time(_ key: String, _ range: ClosedRange<Int>, _ value: inout MediaTime) throws {
            if let milliseconds = try reader.integer(key, in: range) {
                value = MediaTime(seconds: Double(milliseconds) / 1000)
            }
        }
        try time("gap_ms", 0...3_600_000, &gap)
        try time("gap_before_cut_ms", 0...3_600_000, &gapBeforeCut)
        try time("settle_ms", 0...10_000, &settle)
        try time("longest_settle_ms", 0...10_000, &longestSettle)
        try time("while_moving_ms", 0...86_400_000, &whileMoving)
        try time("still_after_ms", 0...3_600_000, &stillAfter)
        try time("refresh_ms", 0...86_400_000, &refresh)
        perMinute = try reader.integer("per_minute", in: 1...1_000) ?? perMinute
        burst = try reader.integer("burst", in: 1...1_000) ?? burst
    }
}
