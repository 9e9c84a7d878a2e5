internal import ChatCompletions
internal import Foundation
internal import ServerTesting
internal import Testing

/// Answers as they come from servers, with all that can go wrong in them.
@Suite struct ChatStreamTests {
    private typealias Reply = ScriptedServer.Reply

    private func answer(_ events: [String], ends: Bool = true) async throws -> (result: ChatResult, heard: Heard) {
        let reply = Reply.events(events.map { Array($0.utf8) }, ends: ends)
        return try await withChat({ _ in reply }) { client, _ in try await client.answer() }
    }

    private func failure(_ events: [String]) async throws -> ChatFailure {
        let reply = Reply.events(events.map { Array($0.utf8) })
        return try await withChat({ _ in reply }) { client, _ in try await client.failure().failure }
    }

    @Test func anAnswerComesWordByWord() async throws {
        let (result, heard) = try await withChat({ _ in .answer("A van parks.") }) { client, _ in
            try await client.answer()
        }
        #expect(result.text == "A van parks." && result.finish == .stop && result.model == "toy-vl")
        #expect(result.usage == ChatUsage(promptTokens: 100, completionTokens: 3))
        #expect(heard.all == [.sent, .partial("A"), .partial("A van"), .partial("A van parks.")])
        #expect(result.firstTokenAt != nil && !result.isSilence)
    }

    /// A character, and all else, may be cut anywhere.
    @Test func everyCutOfTheBytesGivesTheSame() async throws {
        let events = [Reply.delta("Ein "), Reply.delta("Häuschen 家🚐"), Reply.last("stop"), Reply.usage(4), Reply.done]
        let bytes = Array(events.joined().utf8)
        let script: @Sendable (ScriptedServer.Request) -> Reply = { request in
            .events([Array(bytes[..<request.index]), Array(bytes[request.index...])].filter { !$0.isEmpty })
        }
        try await withChat(script) { client, _ in
            for _ in bytes.indices {
                let (result, heard) = try await client.answer(1)
                #expect(result.text == "Ein Häuschen 家🚐")
                #expect(heard.partials == ["Ein", "Ein Häuschen 家🚐"])
            }
        }
    }

    @Test func chunksWithoutChoicesContentOrSenseAreLeftOut() async throws {
        let (result, heard) = try await answer([
            ": keep-alive\n\n", "data: {\"choices\":[]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{}}],\"error\":null,\"usage\":null}\n\n",
            "id: 7\nfoo\ndata: {\"object\":\"x\"}\n\n",
            "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"another choice\"}}]}\n\n", Reply.delta("A van."),
            Reply.last("stop"), Reply.done,
        ])
        #expect(result.text == "A van." && result.usage == nil)
        #expect(heard.partials == ["A van."])
    }

    @Test(arguments: ["reasoning_content", "thinking", "reasoning"])
    func thinkingBesideTheContentIsNotShown(_ field: String) async throws {
        let (result, heard) = try await answer([
            Reply.delta("I wonder", field: field), Reply.delta("A van."), Reply.last("stop"), Reply.done,
        ])
        #expect(result.text == "A van." && heard.partials == ["A van."])
    }

    @Test func thinkingInsideTheContentIsNotShown() async throws {
        let (result, heard) = try await answer([
            Reply.delta("<thi"), Reply.delta("nk>I wonder</"), Reply.delta("think>\n\nA v"), Reply.delta("an."),
            Reply.last("stop"), Reply.done,
        ])
        #expect(result.text == "A van." && heard.partials == ["A v", "A van."])
    }

    @Test func onlyThinkingIsAnError() async throws {
        let failure = try await failure([
            Reply.delta("I wonder", field: "reasoning_content"), Reply.last("length"), Reply.done,
        ])
        #expect(failure.kind == .onlyThinking && failure.description.contains("max_tokens"))
    }

    @Test func anAnswerThatIsCutShortByItsLengthSaysSo() async throws {
        let (result, _) = try await answer([Reply.delta("A van"), Reply.last("length"), Reply.done])
        #expect(result.text == "A van" && result.finish == .length && result.finish.isTruncated)
    }

    @Test func anErrorInTheMiddleKeepsWhatHadCome() async throws {
        let (result, _) = try await answer([
            Reply.delta("A van"), "data: {\"error\":{\"message\":\"CUDA error\",\"code\":500}}\n\n",
        ])
        #expect(result.text == "A van" && result.finish == .failed("CUDA error") && result.finish.isTruncated)
    }

    @Test(arguments: [
        "data: {\"error\":{\"message\":\"CUDA error\"}}\n\n", "data: {\"error\":\"CUDA error\"}\n\n",
        "error: {\"message\":\"CUDA error\"}\n\n",
        "event: error\ndata: {\"message\":\"CUDA error\"}\n\n",
        "data: {\"object\":\"error\",\"message\":\"CUDA error\"}\n\n",
    ])
    func anErrorBeforeTheFirstWordIsAFailure(_ event: String) async throws {
        let failure = try await failure([event])
        #expect(failure.kind == .failedWhileAnswering && failure.description.contains("CUDA error"))
        #expect(failure.retryAt != nil)
    }

    @Test(arguments: [
        [], [ScriptedServer.Reply.done], [ScriptedServer.Reply.last("stop"), ScriptedServer.Reply.done],
        [": nothing\n\n"],
    ])
    func twoHundredWithoutAWordIsAnError(_ events: [String]) async throws {
        #expect(try await failure(events).kind == .empty)
    }

    @Test func noWordsButTokensAreSilence() async throws {
        let (result, _) = try await answer([Reply.last("stop"), Reply.usage(1), Reply.done])
        #expect(result.text.isEmpty && result.isSilence)
    }

    @Test(arguments: ["data: {\"choices\": [\n\n", "data: ping\n\n", "data: [1]\n\n"])
    func whatIsNoJSONIsAnError(_ event: String) async throws {
        let failure = try await failure([ScriptedServer.Reply.delta("A van"), event])
        #expect(failure.kind == .malformed && failure.partial == "A van")
    }

    @Test func anEndWithItsReasonButWithoutDoneIsWhole() async throws {
        let (result, _) = try await answer([Reply.delta("A van."), Reply.last("stop")])
        #expect(result.text == "A van." && result.finish == .stop)
    }

    /// Without reason and `[DONE]` it is broken off, though the connection ended well: asked again once, then given up.
    @Test func anEndWithoutReasonIsACut() async throws {
        let cut = Reply.events([Array(Reply.delta("A van").utf8)])
        try await withChat({ _ in cut }) { client, scripted in
            let (failure, heard) = try await client.failure()
            #expect(failure.kind == .cut && failure.partial == "A van" && failure.retryAt != nil)
            #expect(heard.notices == [.askedAgain] && scripted.completions.count == 2)
        }
    }

    @Test func anAnswerThatIsNotStreamedIsTaken() async throws {
        let body =
            "{\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"<think>?</think>A van.\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}"
        let (result, heard) = try await withChat({ _ in .json(body) }) { client, _ in try await client.answer() }
        #expect(result.text == "A van." && result.model == "m" && result.usage?.total == 10)
        #expect(heard.partials == ["A van."])
    }

    @Test func aWebPageIsNoAnswer() async throws {
        try await withChat({ _ in .json("<html>Welcome</html>") }) { client, _ in
            let failure = try await client.failure().failure
            #expect(failure.kind == .malformed && failure.description.contains("Check the address"))
        }
    }

    @Test func contentInPartsIsTaken() async throws {
        let (result, _) = try await answer([
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":\"?\"},{\"type\":\"text\",\"text\":\"A van.\"}]}}]}\n\n",
            Reply.last("stop"), Reply.done,
        ])
        #expect(result.text == "A van.")
    }
}
