internal import ChatCompletions
internal import Logging
internal import Testing

@Suite struct ChatSettingsTests {
    @Test(arguments: [
        ("http://localhost:8000", "http://localhost:8000/v1"), ("http://localhost:8000/", "http://localhost:8000/v1"),
        ("http://localhost:8000/v1/", "http://localhost:8000/v1"),
        ("HTTPS://api.example.com/openai/v1", "https://api.example.com/openai/v1"),
        ("https://example.com/v1beta/openai/", "https://example.com/v1beta/openai"),
        ("https://example.com/api/v3", "https://example.com/api/v3"),
        ("http://[::1]:8080", "http://[::1]:8080/v1"), ("http://host/vision", "http://host/vision/v1"),
        ("http://localhost:8000/v1/chat/completions", "http://localhost:8000/v1"),
    ])
    func addresses(_ text: String, _ base: String) throws {
        #expect(try ChatAddress(text).description == base)
    }

    @Test(arguments: [
        "", "localhost:8000", "ftp://host/v1", "http://", "http:///v1", "http://user:secret@host/v1",
        "http://host/v1?key=secret", "http://host/v1#a",
        "http://ho st/v1",
    ])
    func noAddresses(_ text: String) {
        let failure = #expect(throws: ChatFailure.self) { try ChatAddress(text) }
        #expect(failure?.kind == .badSetting && failure?.description.contains("secret") == false)
    }

    @Test func aKeyIsNeverShown() throws {
        let key = try APIKey("sk-secret\n")
        var server = ChatServer(address: try ChatAddress("http://host:8000"), key: key)
        server.headers = ["X-Key": "another-secret"]
        for text in ["\(key)", String(reflecting: key), "\(server)", "\(String(describing: Optional(key)))"] {
            #expect(!text.contains("secret"), "\(text)")
        }
        var dumped = ""
        dump(key, to: &dumped)
        dump(server, to: &dumped)
        #expect(!dumped.contains("secret"))
    }

    @Test(arguments: ["", " \n", "two words", "line\nline", "ключ", "a\u{7F}"])
    func noKeys(_ text: String) {
        #expect(throws: ChatFailure.self) { try APIKey(text) }
    }

    @Test func aPlainConnectionToAnotherHostIsKnown() throws {
        #expect(try ChatAddress("http://192.168.1.2:8000").isPlainAndRemote)
        #expect(try !ChatAddress("http://127.0.0.1:8000").isPlainAndRemote)
        #expect(try !ChatAddress("https://example.com").isPlainAndRemote)
    }

    @Test(arguments: [["X-A": "b\r\nX-C: d"], ["X A": "b"], ["": "b"], ["Content-Length": "3"]])
    func headersThatCannotBeSent(_ headers: [String: String]) throws {
        var server = ChatServer(address: try ChatAddress("http://host"))
        server.headers = headers
        #expect(throws: ChatFailure.self) { try server.validate() }
    }

    @Test func fieldsThatAreNotPassedThrough() throws {
        var server = ChatServer(address: try ChatAddress("http://host"))
        server.extra = ["messages": .array([])]
        #expect(throws: ChatFailure.self) { try server.validate() }
    }
}
