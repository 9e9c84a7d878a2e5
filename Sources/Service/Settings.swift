internal import Capture

/// The daemon's configuration. `systemd/videowired.yaml` explains every key.
public struct Settings: Sendable, Equatable {
    /// The events socket and who may connect.
    public struct Socket: Sendable, Equatable {
        public var path = "/run/videowire/events.sock"
        public var group: String?
        public var allowedUsers: [Int] = []
        public var allowedGroups: [Int] = []
        public var heartbeatSeconds = 10

        public init() {}
    }

    /// The event log and how much of it is kept.
    public struct Log: Sendable, Equatable {
        public var path = "/var/lib/videowire/events.sqlite"
        public var keepDays = 7
        public var keepMegabytes = 1024
    }

    /// A camera or a file.
    public struct Stream: Sendable, Equatable {
        public enum Transport: String, Sendable, CaseIterable { case tcp, udp }
        public enum Motion: String, Sendable, CaseIterable { case auto, codec, reencode }
        public enum Tokenizer: String, Sendable, CaseIterable {
            case scalar
            case videoLaVIT = "video-lavit"
        }

        public var name: String
        /// As written: may hold credentials. Never print it.
        public var source: String
        /// As written: a file, or the name of a systemd credential. See `Settings.location(of:)`.
        public var credentials: String?
        public var transport = Transport.tcp
        public var motion = Motion.auto
        public var captions = true
        public var tokenizer = Tokenizer.scalar
        /// Nil: three key-frame intervals, at least 5 s.
        public var stallSeconds: Int?

        package init(name: String, source: String) {
            self.name = name
            self.source = source
        }
    }

    /// What is told on standard error.
    public enum LogLevel: String, Sendable, CaseIterable { case debug, info, notice, warning, error }

    public var socket = Socket()
    public var log = Log()
    public var logLevel = LogLevel.info
    /// A directory whose pipeline templates replace the built-in ones of the same name.
    public var pipelines: String?
    /// Nil: no model is loaded.
    public var tokenizer: TokenizerSettings?
    /// Whether clips in which nothing has changed get the tokens of an earlier one; nil: those of cameras do.
    public var reusesStaticClips: Bool?
    /// In the order of their names.
    public var streams: [Stream] = []
    /// The configuration's path.
    let file: String
    /// Where systemd has put the service's credentials, if there are any.
    let credentialsDirectory: String?

    /// - Throws: `SettingsError` that names the file, the line and what is allowed there; or the environment variable that
    ///   begins with `VIDEOWIRE_` and that is not known.
    public init(yaml: String, file: String, environment: [String: String]) throws {
        self.file = file
        credentialsDirectory = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
        var reader = try SettingsReader(yaml: yaml, file: file, environment: environment)
        try reader.section("socket") { reader in
            socket.path = try reader.string("path") ?? socket.path
            socket.group = try reader.string("group")
            socket.allowedUsers = try reader.integers("allowed_users", in: 0...Int(UInt32.max)) ?? []
            socket.allowedGroups = try reader.integers("allowed_groups", in: 0...Int(UInt32.max)) ?? []
            socket.heartbeatSeconds = try reader.integer("heartbeat_seconds", in: 1...3600) ?? socket.heartbeatSeconds
        }
        try reader.section("log") { reader in
            log.path = try reader.string("path") ?? log.path
            log.keepDays = try reader.integer("keep_days", in: 1...36500) ?? log.keepDays
            log.keepMegabytes = try reader.integer("keep_megabytes", in: 1...1_000_000) ?? log.keepMegabytes
        }
        logLevel = try reader.choice("log_level", of: LogLevel.self) ?? logLevel
        pipelines = try reader.folder("pipelines")
        try reader.section("tokenizer") { try readTokenizer(from: &$0) }
        streams = try reader.sections("streams") { name, place, reader in
            try Self.stream(name: name, place: place, hasModel: tokenizer != nil, from: &reader)
        }
        try reader.finish()
        try reader.finishEnvironment(others: Self.otherVariables)
    }

    /// Environment variables of the commands that take no configuration.
    private static let otherVariables: Set = ["VIDEOWIRE_USER", "VIDEOWIRE_PASSWORD"]

    private mutating func readTokenizer(from reader: inout SettingsReader) throws {
        let path = try reader.folder("path")
        var settings = TokenizerSettings(path: path ?? "")
        let blank = settings
        settings.precision = try reader.choice("precision", of: TokenizerSettings.Precision.self) ?? settings.precision
        settings.threads = try reader.integer("threads", in: 1...1024)
        settings.selector = try reader.choice("selector", of: TokenizerSettings.Selector.self) ?? settings.selector
        settings.seed = try reader.integer("seed", in: 0...Int.max) ?? settings.seed
        settings.features = try reader.folder("features")
        reusesStaticClips = try reader.boolean("reuse")
        // A misspelt key explains a missing one.
        try reader.finish()
        guard path != nil || settings == blank else {
            throw SettingsError("\(file): tokenizer.path is missing: the folder of a Video-LaVIT checkpoint")
        }
        tokenizer = path == nil ? nil : settings
    }

    private static func stream(
        name: String, place: String, hasModel: Bool, from reader: inout SettingsReader
    ) throws -> Stream {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
        guard allowed, !name.isEmpty, name.utf8.count <= 64 else {
            throw SettingsError("\(place): streams.\(name): a name has at most 64 of the characters a–z, 0–9 and -")
        }
        let source = try reader.string("source") { (text) throws(SourceError) in _ = try SourceLocation(parsing: text) }
        var stream = Stream(name: name, source: source ?? "")
        stream.credentials = try reader.string("credentials") { _ in
            if let source { _ = try SourceLocation(parsing: source).addressWithoutLogin() }
        }
        stream.transport = try reader.choice("transport", of: Stream.Transport.self) ?? stream.transport
        stream.motion = try reader.choice("motion", of: Stream.Motion.self) ?? stream.motion
        stream.captions = try reader.boolean("captions") ?? stream.captions
        stream.tokenizer =
            try reader.choice("tokenizer", of: Stream.Tokenizer.self) ?? (hasModel ? .videoLaVIT : .scalar)
        try stream.checkTokenizer(hasModel: hasModel, &reader)
        stream.stallSeconds = try reader.integer("stall_seconds", in: 1...3600)
        // A misspelt key explains a missing one.
        try reader.finish()
        guard !stream.source.isEmpty else {
            throw SettingsError("\(place): streams.\(name).source is missing: a file or an rtsp:// URL")
        }
        return stream
    }
}

extension Settings.Stream {
    fileprivate func checkTokenizer(hasModel: Bool, _ reader: inout SettingsReader) throws {
        guard tokenizer == .videoLaVIT else { return }
        struct Unfit: Error, CustomStringConvertible { var description: String }
        if !hasModel {
            _ = try reader.string("tokenizer") { _ in
                throw Unfit(description: "video-lavit needs a checkpoint; name its folder in tokenizer.path")
            }
        }
        if motion == .codec {
            _ = try reader.string("motion") { _ in
                throw Unfit(
                    description:
                        "video-lavit takes the vectors of its own encoding; write auto or reencode, or tokenizer: scalar"
                )
            }
        }
    }
}
