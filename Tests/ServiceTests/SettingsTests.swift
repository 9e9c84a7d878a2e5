import Foundation
import Service
import Testing

@Suite struct SettingsTests {
    private func read(_ yaml: String, _ environment: [String: String] = [:]) throws -> Settings {
        try Settings(yaml: yaml, file: "my.yaml", environment: environment)
    }

    private func message(_ yaml: String, _ environment: [String: String] = [:]) throws -> String {
        let error = #expect(throws: SettingsError.self) { _ = try read(yaml, environment) }
        return try #require(error).description
    }

    private var shipped: String {
        get throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            return try String(contentsOf: root.appending(path: "systemd/videowired.yaml"), encoding: .utf8)
        }
    }

    @Test func shippedFileStatesTheDefaults() throws {
        #expect(try read(shipped) == read(""))
    }

    @Test func shippedExampleStreamIsReadable() throws {
        // The example is commented out; uncommenting it must give a stream with default values.
        let text = try shipped
        let example = try #require(text.range(of: "\nstreams:\n"))
        let active = text[example.lowerBound...].replacing("\n  # ", with: "\n  ")
        let settings = try read(String(active))
        var stream = Settings.Stream(name: "front-door", source: "rtsp://192.0.2.10/stream2")
        // No caption server is named.
        stream.captioner = .motion
        #expect(settings.streams == [stream])
    }

    @Test func aCheckpointServesAllStreamsButThoseThatSayOtherwise() throws {
        let settings = try read(
            """
            tokenizer: {path: /tmp, precision: int8, threads: 2, selector: gumbel, seed: 7, features: /tmp, reuse: false}
            streams:
              a: {source: x}
              b: {source: x, tokenizer: scalar, motion: codec}
            """)
        var expected = TokenizerSettings(path: "/tmp")
        (expected.precision, expected.threads, expected.selector, expected.seed) = (.int8, 2, .gumbel, 7)
        expected.features = "/tmp"
        #expect(settings.tokenizer == expected && settings.reusesStaticClips == false)
        #expect(settings.streams.map(\.tokenizer) == [.videoLaVIT, .scalar])
        #expect(try read("streams: {a: {source: x}}").streams.map(\.tokenizer) == [.scalar])
    }

    @Test func theMemoryIsAWordOrAMapping() throws {
        func memory(_ text: String, _ environment: [String: String] = [:]) throws -> Settings.Stream.Memory? {
            try read("streams: {a: {source: x, \(text)}}", environment).streams.first?.memory
        }
        #expect(try memory("captions: true")?.merge == .clip)
        #expect(try memory("memory: none")?.merge == Settings.Stream.Memory.Merge.none)
        let mapping = try memory("memory: {merge: location, slots: 9, megabytes: 2}")
        #expect(mapping?.merge == .location && mapping?.slots == 9 && mapping?.megabytes == 2)
        let word = ["VIDEOWIRE_STREAMS_A_MEMORY": "location"]
        #expect(try memory("memory: {slots: 9}", word)?.merge == .location)
        #expect(try memory("memory: {slots: 9}", ["VIDEOWIRE_STREAMS_A_MEMORY_SLOTS": "8"])?.slots == 8)
    }

    @Test func unknownKeysAreErrorsWithTheirLine() throws {
        let text = try message("socket:\n  path: /a\n  pth: /b\n")
        #expect(text.hasPrefix("my.yaml:3: unknown key socket.pth; known here: "))
        #expect(text.contains("path"))
        #expect(
            try message("streams:\n  a:\n    source: x\n    sorce: y\n").hasPrefix(
                "my.yaml:4: unknown key streams.a.sorce"))
        #expect(try message("sockets: {}\n").hasPrefix("my.yaml:1: unknown key sockets"))
    }

    @Test(arguments: [
        ("log:\n  keep_days: soon", "my.yaml:2: log.keep_days must be a whole number from 1 to 36500"),
        ("log:\n  keep_days: 0", "my.yaml:2: log.keep_days must be a whole number from 1 to 36500"),
        ("log: 7", "my.yaml:1: log must be a mapping of keys"),
        ("log_level: loud", "my.yaml:1: log_level must be one of: debug, info, notice, warning, error"),
        ("socket:\n  allowed_users: [root]", "my.yaml:2: socket.allowed_users must be a list of whole numbers"),
        ("streams:\n  a:\n    source: x\n    captions: maybe", "my.yaml:4: streams.a.captions must be true or false"),
        ("streams:\n  a:\n    motion: raw", "my.yaml:3: streams.a.motion must be one of: auto, codec, reencode"),
        (
            "streams:\n  a:\n    source: x\n    tokenizer: lavit",
            "my.yaml:4: streams.a.tokenizer must be one of: scalar, video-lavit"
        ),
        (
            "streams:\n  a:\n    source: x\n    tokenizer: video-lavit",
            "my.yaml:4: streams.a.tokenizer: video-lavit needs a checkpoint"
        ),
        ("tokenizer:\n  path: /nowhere", "my.yaml:2: tokenizer.path must be a folder that exists"),
        ("tokenizer:\n  precision: int8", "my.yaml: tokenizer.path is missing"),
        ("tokenizer:\n  pth: /tmp", "my.yaml:2: unknown key tokenizer.pth"),
        (
            "tokenizer:\n  path: /tmp\n  precision: fp64",
            "my.yaml:3: tokenizer.precision must be one of: fp32, bf16, int16, int8"
        ),
        (
            "tokenizer:\n  path: /tmp\nstreams:\n  a:\n    source: x\n    motion: codec",
            "my.yaml:6: streams.a.motion: video-lavit takes the vectors of its own encoding"
        ),
        (
            "streams:\n  a:\n    source: x\n    memory: all",
            "my.yaml:4: streams.a.memory must be one of: clip, location, none"
        ),
        (
            "streams:\n  a:\n    source: x\n    memory:\n      slots: 0",
            "my.yaml:5: streams.a.memory.slots must be a whole number from 1 to 1024"
        ),
        ("streams:\n  a:\n    source: x\n    memory: [1]", "my.yaml:4: streams.a.memory must be a mapping of keys"),
        ("streams:\n  a:\n    captions: true", "my.yaml:2: streams.a.source is missing"),
        ("streams:\n  Front Door:\n    source: x", "my.yaml:2: streams.Front Door: a name has"),
        ("streams:\n  a:\n    source: http://b/c", "my.yaml:3: streams.a.source: Sources of the kind http:// are not"),
        ("streams:\n  a:\n    source: rtsp://u:p@b:0x/c", "my.yaml:3: streams.a.source: This is not an RTSP address"),
        ("pipelines: /no/such/folder", "my.yaml:1: pipelines must be a folder that exists; /no/such/folder is none"),
        ("streams: [", "my.yaml:2:1: did not find expected node content"),
        ("a: b\n\tc: d", "my.yaml:2:1: found a tab character that violates indentation"),
        ("log:\n  path: *x", "my.yaml:2:9: "),
        ("log:\n  path: /a\nsocket:\n  path: /b\n  path: /c", "my.yaml:5: the key path is there twice"),
        ("log: {path: /a, path: /b}", "my.yaml:1: the key path is there twice"),
        ("log_level: info\nsocket: {}\n\nlog_level: info", "my.yaml:4: the key log_level is there twice"),
        ("- a", "my.yaml: the file must be a mapping of keys"),
    ])
    func wrongValuesNamePlaceAndRemedy(yaml: String, expected: String) throws {
        #expect(try message(yaml).hasPrefix(expected))
    }

    @Test func everyKeyIsAlsoAnEnvironmentVariable() throws {
        let settings = try read(
            "socket:\n  path: /file\nstreams:\n  front-door:\n    source: a.mp4\n",
            [
                "VIDEOWIRE_SOCKET_PATH": "/variable", "VIDEOWIRE_SOCKET_GROUP": "video",
                "VIDEOWIRE_SOCKET_ALLOWED_USERS": "1,2", "VIDEOWIRE_SOCKET_ALLOWED_GROUPS": "3",
                "VIDEOWIRE_SOCKET_HEARTBEAT_SECONDS": "7", "VIDEOWIRE_LOG_PATH": "/log", "VIDEOWIRE_LOG_KEEP_DAYS": "2",
                "VIDEOWIRE_LOG_KEEP_MEGABYTES": "3", "VIDEOWIRE_LOG_LEVEL": "debug", "VIDEOWIRE_PIPELINES": "/tmp",
                "VIDEOWIRE_STREAMS_FRONT_DOOR_SOURCE": "b.mp4", "VIDEOWIRE_STREAMS_FRONT_DOOR_TRANSPORT": "udp",
                "VIDEOWIRE_STREAMS_FRONT_DOOR_MOTION": "reencode", "VIDEOWIRE_STREAMS_FRONT_DOOR_CAPTIONS": "false",
                "VIDEOWIRE_STREAMS_FRONT_DOOR_STALL_SECONDS": "9",
            ])
        #expect(settings.socket.path == "/variable")
        #expect(settings.socket.group == "video")
        #expect(settings.socket.allowedUsers == [1, 2])
        #expect(settings.socket.allowedGroups == [3])
        #expect(settings.socket.heartbeatSeconds == 7)
        #expect(settings.log.path == "/log")
        #expect(settings.log.keepDays == 2)
        #expect(settings.log.keepMegabytes == 3)
        #expect(settings.logLevel == .debug)
        #expect(settings.pipelines == "/tmp")
        let stream = try #require(settings.streams.first)
        #expect(stream.source == "b.mp4")
        #expect(stream.transport == .udp)
        #expect(stream.motion == .reencode)
        #expect(!stream.captions)
        #expect(stream.stallSeconds == 9)
    }

    @Test(arguments: [
        ("VIDEOWIRE_SOCKETPATH", "VIDEOWIRE_SOCKET_PATH"), ("VIDEOWIRE_LOG_KEEP_DAY", "VIDEOWIRE_LOG_KEEP_DAYS"),
        ("VIDEOWIRE_STREAMS_YARD_CAPTION", "VIDEOWIRE_STREAMS_YARD_CAPTIONS"),
        ("VIDEOWIRE_STREAMS_BARN_MOTION", "VIDEOWIRE_STREAMS_YARD_MOTION"),
    ])
    func anUnknownVariableIsAnErrorThatNamesTheNearest(name: String, nearest: String) throws {
        let yaml = "streams:\n  yard:\n    source: x\n"
        let text = try message(yaml, [name: "x", "PATH": "/bin"])
        #expect(text.hasPrefix("environment variable \(name): unknown; the nearest that is known is \(nearest)."))
        #expect(
            try read(yaml, ["VIDEOWIRE": "x", "VIDEOWIRE_USER": "a", "VIDEOWIRE_PASSWORD": "b"]).streams.count == 1)
    }

    @Test func aWrongVariableIsNamed() throws {
        #expect(
            try message("", ["VIDEOWIRE_LOG_KEEP_DAYS": "x"]).hasPrefix(
                "environment variable VIDEOWIRE_LOG_KEEP_DAYS: "))
    }
}
