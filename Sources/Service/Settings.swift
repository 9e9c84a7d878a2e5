package import Captioning
internal import Capture
package import Media

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

        public init() {}
    }

    /// A camera or a file.
    public struct Stream: Sendable, Equatable {
        public enum Transport: String, Sendable, CaseIterable { case tcp, udp }
        public enum Motion: String, Sendable, CaseIterable { case auto, codec, reencode }
        public enum Tokenizer: String, Sendable, CaseIterable {
            case scalar
            case videoLaVIT = "video-lavit"
        }

        /// How much of the past is remembered, and how.
        public struct Memory: Sendable, Equatable {
            public enum Merge: String, Sendable, CaseIterable { case clip, location, none }

            public var merge = Merge.clip
            /// Nil: 32, or the newest four where nothing is merged.
            public var slots: Int?
            public var megabytes = 4
        }

        public var name: String
        /// As written: may hold credentials. Never print it.
        public var source: String
        /// As written: a file, or the name of a systemd credential. See `Settings.location(of:)`.
        public var credentials: String?
        public var transport = Transport.tcp
        public var motion = Motion.auto
        public var captions = true
        /// Which captioner writes them; nil: the server where there is one, else from motion.
        package var captioner: CaptionerChoice?
        public var memory = Memory()
        public var tokenizer = Tokenizer.scalar
        /// Nil: three key-frame intervals, at least 5 s.
        public var stallSeconds: Int?
        package var masks = PictureMasks.none
        package var description = StreamDescription()
        /// Nil: key pictures are not kept.
        package var keyPictures: KeyPictureLimits?

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
    /// Nil: captions come from motion alone.
    public var captioner: CaptionerSettings?
    /// When captioners speak.
    package var speech = SpeechRules()
    /// Of streams that say nothing of it. Nil: key pictures are not kept.
    package var keyPictures: KeyPictureLimits?
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
        try reader.section("captioner") { captioner = try CaptionerSettings(from: &$0, file: file) }
        try reader.section("speech") { speech = try SpeechRules(from: &$0) }
        keyPictures = try Self.readKeyPictures(from: &reader, default: nil)
        streams = try reader.sections("streams") { name, place, reader in
            var stream = try Self.stream(name: name, place: place, hasModel: tokenizer != nil, from: &reader)
            stream.captioner = stream.captioner ?? (captioner == nil ? .motion : .chat)
            stream.keyPictures = try Self.readKeyPictures(from: &reader, default: keyPictures)
            // A misspelt key explains a missing one.
            try reader.finish()
            guard !stream.source.isEmpty else {
                throw SettingsError("\(place): streams.\(name).source is missing: a file or an rtsp:// URL")
            }
            return stream
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

    /// A word says how to merge, a mapping says more.
    private static func memory(from reader: inout SettingsReader) throws -> Stream.Memory {
        var memory = Stream.Memory()
        if reader.isWord("memory") {
            memory.merge = try reader.choice("memory", of: Stream.Memory.Merge.self) ?? memory.merge
            return memory
        }
        try reader.section("memory") { reader in
            memory.merge = try reader.choice("merge", of: Stream.Memory.Merge.self) ?? memory.merge
            memory.slots = try reader.integer("slots", in: 1...1024)
            memory.megabytes = try reader.integer("megabytes", in: 1...4096) ?? memory.megabytes
        }
        return memory
    }

    static func isStreamName(_ name: String) -> Bool {
        let isAllowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
        return isAllowed && !name.isEmpty && name.utf8.count <= 64
    }

    private static func stream(
        name: String, place: String, hasModel: Bool, from reader: inout SettingsReader
    ) throws -> Stream {
        guard isStreamName(name) else {
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
        stream.captioner = try reader.choice("captioner", of: CaptionerChoice.self)
        stream.memory = try memory(from: &reader)
        stream.tokenizer =
            try reader.choice("tokenizer", of: Stream.Tokenizer.self) ?? (hasModel ? .videoLaVIT : .scalar)
        try stream.checkTokenizer(hasModel: hasModel, &reader)
        stream.stallSeconds = try reader.integer("stall_seconds", in: 1...3600)
        stream.masks = PictureMasks(
            ignore: try reader.rectangles("ignore") ?? [], privacy: try reader.rectangles("privacy") ?? [])
        stream.description = try description(from: &reader)
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
