internal import ChatCompletions
internal import Testing

@Suite struct ServerSentEventParserTests {
    private func events(_ pieces: [[UInt8]]) throws -> [String] {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        for piece in pieces { events += try parser.parse(piece) }
        if let last = try parser.finish() { events.append(last) }
        return events.map { "\($0.name)|\(String(decoding: $0.data, as: UTF8.self))" }
    }

    /// The examples of the specification, §9.2.6; what follows the last empty line counts here, too.
    @Test(arguments: [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", ["|YHOO\n+2\n10"]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event",
            ["|first event", "|second event", "| third event"]
        ),
        ("data\n\ndata\ndata\n\n", ["|", "|\n"]),
        ("data:test\n\ndata: test\n\n", ["|test", "|test"]),
        ("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n", ["add|73857293", "remove|2153"]),
    ])
    func specification(_ stream: String, _ expected: [String]) throws {
        #expect(try events([Array(stream.utf8)]) == expected)
    }

    /// Wherever the bytes are cut, also inside a character, a byte order mark, and between CR and LF.
    @Test(arguments: ["\n", "\r\n", "\r"])
    func everyCutGivesTheSame(_ newline: String) throws {
        let lines = [
            "\u{FEFF}data: häuschen 家 🚐", "retry: 10", "", ": keep-alive", "", "event: x", "data: a", "nonsense",
            "data: b", "", "data: [DONE]",
            "", "",
        ]
        let bytes = Array(lines.joined(separator: newline).utf8)
        let expected = ["|häuschen 家 🚐", "x|a\nb", "|[DONE]"]
        #expect(try events([bytes]) == expected)
        #expect(try events(bytes.map { [$0] }) == expected)
        for first in bytes.indices {
            #expect(try events([Array(bytes[..<first]), Array(bytes[first...])]) == expected)
        }
    }

    @Test func aNameWithoutDataIsNoEvent() throws {
        #expect(try events([Array("event: ping\n\ndata: a\n\n".utf8)]) == ["|a"])
    }

    @Test func aFieldNamedErrorIsAnErrorEvent() throws {
        #expect(try events([Array("error: {\"code\":500}\n\n".utf8)]) == ["error|{\"code\":500}"])
    }

    @Test func linesAndEventsAreBounded() throws {
        var parser = ServerSentEventParser(maximumBytes: 100)
        #expect(try parser.parse(Array(("data: " + String(repeating: "a", count: 94) + "\n\n").utf8)).count == 1)
        #expect(throws: ServerSentEventParser.TooLong.self) {
            try parser.parse([UInt8](repeating: UInt8(ascii: "a"), count: 101))
        }
        var other = ServerSentEventParser(maximumBytes: 100)
        #expect(throws: ServerSentEventParser.TooLong.self) {
            for _ in 0..<100 { _ = try other.parse(Array("data: 0123456789\n".utf8)) }
        }
    }
}
