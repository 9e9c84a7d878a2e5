import Events
import Media
import Testing

@Suite struct EventTests {
    @Test func tokensCarryTheFieldsOfTheClip() throws {
        let data = Samples.tokens().data
        // Written by hand from docs/events.md.
        #expect(
            data == #"{"stream":"front-door","session":7,"clip":{"index":1842,"pts_start_ns":7368000000000,"#
                + #""pts_end_ns":7372000000000,"frames":100,"first_is_key":true,"has_b_frames":true,"#
                + #""utc_start":"2025-11-21T00:10:00.402Z","utc_end":"2025-11-21T00:10:04.402Z","#
                + #""utc_source":"rtcp-sr","utc_error_ms":40,"complete":true,"cut":"keyframe"},"#
                + #""video":{"codec":"h264","profile":"high","width":640,"height":360,"fps":25},"#
                + #""tokenizer":"scalar-v1","#
                + #""key":{"ids":[3012,55,0],"count":3,"pts_ns":7368000000000,"kind":"intra","filtered":true},"#
                + #""motion":{"ids":[2042,63],"count":2,"source":"codec","coverage":0.93,"q":1,"fps":8.333,"#
                + #""ref_ambiguous":false},"quality":{"corrupt_frames":1,"missing_frames":2,"interpolated_pts":3,"#
                + #""discontinuity":true},"latency_ms":{"capture_to_emit":110,"queue":3,"decode":41,"tokenize":2}}"#)
    }

    @Test func unknownValuesAreLeftOut() throws {
        let data = try #require(JSONValue(Samples.tokens(capture: false).data))
        #expect(data["clip"]?["utc_start"] == nil)
        #expect(data["clip"]?["utc_source"] == nil)
        #expect(data["video"]?["fps"] == nil)
        #expect(data["motion"]?["q"] == nil)
        #expect(data["latency_ms"] == nil)
        #expect(!Samples.tokens(capture: false).data.contains("null"))
    }

    @Test func equalFactsGiveEqualBytes() {
        for _ in 0..<20 { #expect(Samples.tokens().data == Samples.tokens().data) }
    }

    @Test(arguments: [
        (0.0, "0"), (1.0, "1"), (0.99996, "1"), (0.12344, "0.1234"), (0.12346, "0.1235"), (0.00004, "0"),
        (1.0 / 3, "0.3333"), (0.5, "0.5"),
    ])
    func coverageHasFourDecimals(coverage: Double, expected: String) throws {
        var clip = Samples.clip()
        clip.motion.coverage = coverage
        let event = Event.clipTokens(
            stream: "a", clip: clip, tokens: ClipTokens(key: [], motion: []), tokenizer: "scalar-v1")
        #expect(event.data.contains("\"coverage\":\(expected),"))
    }

    @Test func noNumberIsLeftOut() {
        var clip = Samples.clip()
        clip.motion.framesPerSecond = .nan
        let event = Event.clipTokens(
            stream: "a", clip: clip, tokens: ClipTokens(key: [], motion: []), tokenizer: "scalar-v1")
        #expect(JSONValue(event.data)?["motion"]?["fps"] == nil)
        #expect(JSONValue(event.data) != nil)
    }

    @Test func linesAreCloudEvents() throws {
        var numbering = EventNumbering(epoch: "01K0000000000000000000000A", newest: 41_230)
        let line = numbering.line(for: Samples.tokens(), time: UTC(nanoseconds: 1_763_683_802_512_345_678))
        let prefix =
            #"{"specversion":"1.0","id":"01K0000000000000000000000A/00000000000000041231","#
            + #""source":"/videowire/front-door","type":"io.videowire.clip.tokens.v1","subject":"7/1842","#
            + #""time":"2025-11-21T00:10:02.512Z","sequence":"00000000000000041231","#
            + #""epoch":"01K0000000000000000000000A","data":{"stream":"front-door","#
        #expect(line.hasPrefix(prefix))
        #expect(numbering.newest == 41_231)
    }

    @Test func textOfAnyKindSurvives() throws {
        let text = "tab\t quote\" back\\slash line\nend \u{1} Tür 狗 🐕 \u{2028}"
        var numbering = EventNumbering()
        let line = numbering.line(for: Samples.caption("Küche 1/2", text: text))
        #expect(!line.contains("\n"))
        let event = try #require(JSONValue(line))
        #expect(event["data"]?["text"]?.string == text)
        #expect(event["source"]?.string == "/videowire/K%C3%BCche%201%2F2")
    }

    @Test func newEpochsAreULIDs() {
        let epochs = Set((0..<100).map { _ in EventNumbering().epoch })
        #expect(epochs.count == 100)
        #expect(epochs.allSatisfy { $0.wholeMatch(of: /[0-7][0-9A-HJKMNP-TV-Z]{25}/) != nil })
    }

    @Test(arguments: [
        ("*", "clip.tokens", true), ("clip.*", "clip.tokens", true), ("clip.*", "caption.final", false),
        ("front-*", "front-door", true), ("front-*", "front-", true), ("front-?", "front-", false),
        ("*-door", "front-door", true), ("*o*o*", "front-door", true), ("", "", true), ("", "a", false),
        ("a*b*c", "aXbXbXc", true), ("a*b*c", "aXbXbX", false), ("front-door", "front-door-2", false),
        ("********************************b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
    ])
    func globs(pattern: String, text: String, matches: Bool) {
        #expect(Glob(pattern).matches(text) == matches)
    }
}

@Suite struct JSONValueTests {
    @Test(
        arguments: [
            ("0", .integer(0)), ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5e3", .number(1_500)),
            ("1e2", .number(100)),
            (" [ 1 , true , null ] ", .array([.integer(1), .bool(true), .null])), ("{}", .object([:])),
            ("[]", .array([])),
            (#"{"a":{"b":[]},"c":false}"#, .object(["a": .object(["b": .array([])]), "c": .bool(false)])),
            (#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\udc15Ü""#, .string("a\"\\/\u{8}\u{C}\n\r\té🐕Ü")),
        ] as [(String, JSONValue)])
    func reads(text: String, expected: JSONValue) {
        #expect(JSONValue(text) == expected)
        #expect(JSONValue(expected.text) == expected)
    }

    @Test(arguments: [
        "", " ", "01", "-", "1.", ".5", "1e", "+1", "1e999", "nul", "truex", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":1,}",
        "{a:1}",
        "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"a\nb\"", "1 2", "[", "{",
        "[[",
        String(repeating: "[", count: 100_000),
    ])
    func refuses(text: String) {
        #expect(JSONValue(text) == nil)
    }
}
