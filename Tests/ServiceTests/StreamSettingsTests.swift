import Foundation
import Media
import Service
import Testing

/// What a configuration says of a stream besides its source.
@Suite struct StreamSettingsTests {
    private func stream(_ yaml: String, _ environment: [String: String] = [:]) throws -> Settings.Stream {
        let text = "streams:\n  a:\n    source: x\n" + yaml.split(separator: "\n").map { "    \($0)\n" }.joined()
        let settings = try Settings(yaml: text, file: "my.yaml", environment: environment)
        return try #require(settings.streams.first)
    }

    private func message(_ yaml: String) throws -> String {
        let error = #expect(throws: SettingsError.self) { try stream(yaml) }
        return try #require(error).description
    }

    @Test func masks() throws {
        let left = PictureRectangle(x: 0, y: 0.1, width: 0.3, height: 0.9)
        let corner = PictureRectangle(x: 0.75, y: 0.75, width: 0.25, height: 0.25)
        let masks = try stream("ignore: [[0, 0.1, 0.3, 0.9]]\nprivacy:\n  - [0.75, 0.75, 0.25, 0.25]").masks
        #expect(masks == PictureMasks(ignore: [left], privacy: [corner]))
        #expect(try stream("ignore: []").masks.isEmpty)
        let variable = ["VIDEOWIRE_STREAMS_A_PRIVACY": "0,0.1,0.3,0.9,0.75,0.75,0.25,0.25"]
        #expect(try stream("", variable).masks == PictureMasks(privacy: [left, corner]))
    }

    @Test(arguments: [
        ("privacy: all", 4), ("privacy: [0, 0, 1, 1]", 4), ("privacy:\n  - [0, 0, 1, 1]\n  - [0, 0, 1]", 6),
        ("privacy:\n  - [0, 0, x, 1]", 5), ("privacy:\n  - [0, 0, 1.5, 1]", 5), ("privacy:\n  - [-0.1, 0, 0.5, 1]", 5),
        ("privacy:\n  - [0.6, 0, 0.5, 1]", 5), ("ignore:\n  - [0, 0, 0, 1]", 5), ("ignore:\n  - [nan, 0, 1, 1]", 5),
    ])
    func masksThatAreNoneAreToldWithTheirLine(yaml: String, line: Int) throws {
        let text = try message(yaml)
        #expect(text.hasPrefix("my.yaml:\(line): streams.a.\(yaml.prefix { $0 != ":" })"), "\(text)")
        #expect(text.contains("[x, y, width, height]"))
    }

    @Test func descriptions() throws {
        let stream = try stream(
            """
            title: Back door
            context: "back door, faces the yard"
            language: pt-BR
            prompt: "{title}: say in {language} what happens at {context}, or {silence}. {{}}"
            """)
        #expect(stream.description.title == "Back door" && stream.description.language == "pt-BR")
        let prompt = try #require(stream.description.prompt)
        let text = prompt.text { place in
            switch place {
            case .title: "T"
            case .context: "C"
            case .language: "L"
            case .silence: "S"
            }
        }
        #expect(text == "T: say in L what happens at C, or S. {}")
        #expect(try self.stream("").description == StreamDescription())
    }

    @Test(arguments: [
        ("language: english language", "no language tag of BCP 47"), ("language: e", "no language tag"),
        ("language: en_US", "no language tag"), ("context: \"a\\nb\"", "must be one line of at most 400"),
        ("title: \(String(repeating: "x", count: 101))", "must be one line of at most 100"),
        ("prompt: \"{camera} sees\"", "{camera} is no place to fill in; known are {title}, {context}"),
        ("prompt: \"sees {\"", "is no place to fill in"), ("prompt: \"sees }\"", "a } without its {"),
    ])
    func wrongDescriptions(yaml: String, words: String) throws {
        let text = try message(yaml)
        #expect(text.hasPrefix("my.yaml:4: streams.a.") && text.contains(words), "\(text)")
    }

    private func kept(_ top: String, _ own: String) throws -> KeyPictureLimits? {
        try Settings(
            yaml: "\(top)\nstreams:\n  a: {source: x\(own)}\n", file: "my.yaml", environment: [:]
        ).streams[0].keyPictures
    }

    @Test func keyPicturesAreKeptAsTheStreamSaysOrElseAsAllDo() throws {
        var week = KeyPictureLimits()
        (week.maximumAge, week.maximumBytes) = (.seconds(604_800), 2_000_000_000)
        #expect(try kept("", "") == nil)
        #expect(try kept("", ", keep_key_frames: {for: 7d, max: 2GB}") == week)
        #expect(try kept("keep_key_frames: {for: 1w, max: 2000MB}", "") == week)
        #expect(try kept("keep_key_frames: {for: 1w, max: 2GB}", ", keep_key_frames: false") == nil)
        week.maximumAge = .seconds(43_200)
        #expect(try kept("keep_key_frames: {for: 1w, max: 2GB}", ", keep_key_frames: {for: 12h}") == week)
        let wrong = try message("keep_key_frames: {for: 7, max: 2GB}")
        #expect(wrong.contains("my.yaml:4: streams.a.keep_key_frames.for: 7 is no length of time"), "\(wrong)")
        #expect(try message("keep_key_frames: {max: 2 pounds}").contains("2 pounds is no amount of bytes"))
        #expect(try message("keep_key_frames: {since: 7d}").contains("unknown key streams.a.keep_key_frames.since"))
    }

    @Test func quantities() throws {
        #expect(try Quantity.duration("90s") == .seconds(90) && Quantity.duration("1.5h") == .seconds(5_400))
        #expect(try Quantity.duration("30m") == Quantity.duration("30 min"))
        #expect(try Quantity.bytes("1.5GB") == 1_500_000_000 && Quantity.bytes("2GiB") == 1 << 31)
        for text in ["", "d", "-1d", "1e9d", "7", "7 x", "0s", "1000000w", ".5h", "1.2.3h", "infd"] {
            #expect(throws: (any Error).self) { try Quantity.duration(text) }
        }
        for text in ["", "GB", "2", "2gb", "-2GB", "99999999TB"] {
            #expect(throws: (any Error).self) { try Quantity.bytes(text) }
        }
    }

    @Test func pastTimes() throws {
        let now = UTC(nanoseconds: 1_763_683_800_000_000_000)
        #expect(try PastTime.parse("2h", option: "--from", now: now).rfc3339 == "2025-11-20T22:10:00.000Z")
        #expect(try PastTime.parse("2025-11-21T00:00:00Z", option: "--from", now: now) < now)
        #expect(try PastTime.parse("now", option: "--from", now: now) == now)
        #expect(throws: (any Error).self) { try PastTime.parse("yesterday", option: "--from", now: now) }
    }

    @Test func theOldestKeyPicturesGoFirst() {
        func entry(_ clip: Int, bytes: Int = 100) -> KeyPictureLedger.Entry {
            KeyPictureLedger.Entry(session: 1, clip: clip, bytes: bytes, time: 1_000 + 4 * clip)
        }
        var limits = KeyPictureLimits()
        (limits.maximumAge, limits.maximumBytes) = (.seconds(60), 1_000)
        var ledger = KeyPictureLedger(limits: limits, entries: (0..<5).map { entry($0) })
        #expect(ledger.surplus(now: 1_016) == [])
        for clip in 5..<12 { ledger.add(entry(clip)) }
        #expect(ledger.surplus(now: 1_044) == [entry(0), entry(1)])
        ledger.add(entry(12, bytes: 950))
        #expect(ledger.surplus(now: 1_048) == (2..<12).map { entry($0) })
        #expect(ledger.surplus(now: 1_108) == [])
        #expect(ledger.surplus(now: 1_109) == [entry(12, bytes: 950)])
        ledger.add(entry(50))
        #expect(ledger.surplus(now: 1_204) == [])
    }
}
