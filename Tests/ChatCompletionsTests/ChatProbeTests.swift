internal import ChatCompletions
internal import ServerTesting
internal import Testing

/// What is found out at the start.
@Suite struct ChatProbeTests {
    private typealias Reply = ScriptedServer.Reply
    private typealias Request = ScriptedServer.Request

    /// A server that has models, and answers as `complete` says.
    private func server(
        _ models: Reply, others: [String: Reply] = [:], complete: @escaping @Sendable (Request) -> Reply
    ) -> @Sendable (Request) -> Reply {
        { request in
            if request.path == "/v1/models" { return models }
            if request.path == "/v1/chat/completions" { return complete(request) }
            return others[request.path] ?? .json("{\"error\":\"not found\"}", status: 404)
        }
    }

    /// As servers count: a picture is tokens, too.
    private let seeing: @Sendable (Request) -> Reply = { request in
        .events(
            [
                Reply.delta("A disc."), Reply.last("stop"), Reply.usage(3, prompt: 30 + 6 * request.pictures.count),
                Reply.done,
            ]
            .map { Array($0.utf8) })
    }

    private func failure(
        _ script: @escaping @Sendable (Request) -> Reply,
        configure: @escaping @Sendable (inout ChatServer) throws -> Void = { _ in }
    ) async throws -> ChatFailure {
        try await withChat(script, configure: configure) { client, _ in
            do {
                throw Unexpected(description: "\(try await client.probe())")
            } catch let failure as ChatFailure {
                return failure
            }
        }
    }

    @Test func aServerThatSees() async throws {
        let models = Reply.json(
            "{\"data\":[{\"id\":\"other\"},{\"id\":\"toy-vl\",\"owned_by\":\"vllm\",\"max_model_len\":8192}]}")
        try await withChat(server(models, complete: seeing)) { client, scripted in
            let found = try await client.probe()
            #expect(found.model == "toy-vl" && found.models == ["other", "toy-vl"] && found.server == .vLLM)
            #expect(found.contextTokens == 8_192 && found.notices.isEmpty)
            let picture = try #require(scripted.completions.first?.pictures.first)
            #expect(picture.prefix(2) == [0xFF, 0xD8] && picture.suffix(2) == [0xFF, 0xD9])
        }
    }

    @Test func aServerThatTellsWhatItTakesIsAskedOnce() async throws {
        let models = Reply.json(
            "{\"data\":[{\"id\":\"toy-vl\",\"owned_by\":\"llamacpp\",\"architecture\":{\"input_modalities\":[\"text\",\"image\",\"video\"]},\"meta\":{\"n_ctx\":4096}}]}"
        )
        try await withChat(server(models, complete: seeing)) { client, scripted in
            let found = try await client.probe()
            #expect(found.server == .llamaServer && found.takesVideo == true && found.contextTokens == 4_096)
            #expect(scripted.completions.count == 1)
            #expect(scripted.completions.first?.members["reasoning_effort"] as? String == "none")
        }
    }

    @Test(arguments: [
        ("llamacpp", "/props", "{\"modalities\":{\"vision\":false,\"audio\":false}}"),
        ("library", "/api/show", "{\"capabilities\":[\"completion\"]}"),
    ])
    func aTextOnlyModelIsToldBeforeAnyPicture(_ owner: String, _ path: String, _ told: String) async throws {
        let script = server(.models(["toy-vl"], owner: owner), others: [path: .json(told)], complete: seeing)
        try await withChat(script) { client, scripted in
            let failure = await #expect(throws: ChatFailure.self) { try await client.probe() }
            #expect(failure?.kind == .textOnly && failure?.isPermanent == true)
            #expect(scripted.completions.isEmpty)
        }
    }

    @Test func aTextOnlyModelThatSaysSo() async throws {
        let failure = try await failure(
            server(.models(["toy-vl"])) { _ in
                .json("{\"error\":{\"message\":\"toy-vl is not a multimodal model\"}}", status: 400)
            })
        #expect(failure.kind == .textOnly && failure.isPermanent && failure.description.contains("vision-language"))
    }

    /// As `transformers serve` does.
    @Test func aTextOnlyModelWhoseServerLeavesPicturesOut() async throws {
        let failure = try await failure(server(.models(["toy-vl"])) { _ in .answer("A disc.") })
        #expect(failure.kind == .textOnly)
    }

    @Test func aWrongNameNamesThoseThatAreThere() async throws {
        let failure = try await failure(server(.models(["qwen3-vl:8b", "gemma4"]), complete: seeing))
        #expect(failure.kind == .wrongModel && failure.isPermanent)
        #expect(failure.description.contains("\"toy-vl\". It has: qwen3-vl:8b, gemma4."))
    }

    @Test func ollamasLatestIsFound() async throws {
        let script = server(
            .models(["toy-vl:latest"], owner: "library"),
            others: ["/api/show": .json("{\"capabilities\":[\"vision\"]}")], complete: seeing)
        try await withChat(script) { client, _ in
            let found = try await client.probe()
            #expect(found.model == "toy-vl:latest" && found.server == .ollama)
        }
    }

    @Test(arguments: [401, 403])
    func aKeyThatIsMissingOrWrong(_ status: Int) async throws {
        let failure = try await failure(server(.json("{}", status: status), complete: seeing))
        #expect(failure.kind == .unauthorized && failure.isPermanent)
    }

    @Test func aServerThatLoadsItsModelIsTriedAgain() async throws {
        let failure = try await failure(
            server(.models(["toy-vl"])) { _ in
                .json("{\"error\":{\"message\":\"Loading model\",\"code\":503}}", status: 503)
            })
        #expect(failure.kind == .busy && !failure.isPermanent && failure.retryAt != nil)
    }

    @Test func nobodyThere() async throws {
        let client = try makeClient("http://127.0.0.1:9")
        let failure = await #expect(throws: ChatFailure.self) { try await client.probe() }
        #expect(failure?.kind == .unreachable && failure?.isPermanent == false && failure?.retryAt != nil)
        await client.shutdown()
    }

    @Test func aServerWithoutAListIsAskedForTheNamedModel() async throws {
        try await withChat(server(.json("{}", status: 404), complete: seeing)) { client, scripted in
            let found = try await client.probe()
            #expect(found.model == "toy-vl" && found.models.isEmpty)
        }
    }

    @Test func whatTheProbeTeachesIsKept() async throws {
        let script = server(.models(["toy-vl"])) { request in
            request.members["chat_template_kwargs"] == nil
                ? .events(
                    [
                        Reply.delta("A van."), Reply.last("stop"),
                        Reply.usage(3, prompt: 30 + 6 * request.pictures.count), Reply.done,
                    ]
                    .map { Array($0.utf8) })
                : .json(
                    "{\"error\":{\"message\":\"Unrecognized request argument supplied: chat_template_kwargs\"}}",
                    status: 400)
        }
        try await withChat(script) { client, scripted in
            let found = try await client.probe()
            #expect(found.notices == [.without(.chatTemplate)])
            let notices = try await client.answer().heard.notices
            #expect(notices.isEmpty)
        }
    }
}
