internal import ChatCompletions
internal import Foundation
internal import ServerTesting
internal import Testing

/// One request after another against a server that does what servers do.
@Suite struct ChatClientTests {
    private typealias Reply = ScriptedServer.Reply
    private typealias Request = ScriptedServer.Request

    @Test func theRequestIsAsDocumented() async throws {
        try await withChat({ _ in .answer("A van.") }) { server in
            server.key = try APIKey("sk-very-secret\n")
            server.extra = ["top_k": .integer(1), "temperature": .number(0.5)]
        } _: { client, scripted in
            _ = try await client.answer()
            let request = try #require(scripted.completions.first)
            #expect(request.path == "/v1/chat/completions" && request.method == "POST")
            #expect(request.headers["authorization"] == "Bearer sk-very-secret")
            #expect(request.headers["content-type"] == "application/json")
            let members = request.members
            #expect(members["model"] as? String == "toy-vl" && members["stream"] as? Bool == true)
            #expect((members["stream_options"] as? [String: Bool]) == ["include_usage": true])
            #expect((members["chat_template_kwargs"] as? [String: Bool]) == ["enable_thinking": false])
            #expect(members["max_tokens"] as? Int == 80 && members["temperature"] as? Double == 0.5)
            #expect(members["top_k"] as? Int == 1 && members["reasoning_effort"] == nil)
            let messages = try #require(members["messages"] as? [[String: Any]])
            #expect(messages.map { $0["role"] as? String } == ["system", "user"])
            #expect((messages.first?["content"] as? String)?.contains("<silence>") == true)
            #expect(
                request.parts.map { $0["text"] as? String ?? $0["type"] as? String } == [
                    "Previous caption (12.0 s): A van parks at the gate.", "<13.0 seconds>", "image_url",
                    "<14.0 seconds>",
                    "image_url", "Motion since then: object, left to right. What happens now?",
                ])
            #expect(request.pictureTexts == ["picture 0 of side 768", "picture 1 of side 768"])
        }
    }

    @Test func atMostEightPicturesTheLastOneAlways() async throws {
        try await withChat({ _ in .answer("A van.") }) { client, scripted in
            let result = try await client.answer(20).result
            #expect(result.pictures == 8)
            #expect(scripted.completions.first?.pictureTexts.last == "picture 19 of side 768")
        }
    }

    @Test func busyIsToldAndTheNextOneIsAnswered() async throws {
        try await withChat({ $0.index == 0 ? .json("{\"error\":\"queue full\"}", status: 503) : .answer("A van.") }) {
            client, scripted in
            let failure = try await client.failure().failure
            #expect(failure.kind == .busy && !failure.isPermanent)
            let time = try #require(failure.retryAt)
            #expect(time - .now <= .milliseconds(500))
            try await Task.sleep(until: time, clock: .continuous)
            let text = try await client.answer().result.text
            #expect(text == "A van.")
            #expect(scripted.completions.count == 2)
        }
    }

    /// While the server wants to be left alone nothing is sent, and no picture is made.
    @Test(arguments: ["70", "date"])
    func theServersTimeIsKept(_ header: String) async throws {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let value = header == "date" ? formatter.string(from: Date(timeIntervalSinceNow: 71)) : header
        try await withChat({ _ in .json("{}", status: 429, headers: ["Retry-After": value]) }) { client, scripted in
            let (first, heard) = try await client.failure()
            let time = try #require(first.retryAt)
            #expect(time - .now > .seconds(60) && time - .now < .seconds(75))
            #expect(heard.all == [.sent])
            let (second, silent) = try await client.failure()
            #expect(second.kind == .busy && second.retryAt == time && silent.all.isEmpty)
            #expect(scripted.completions.count == 1)
        }
    }

    @Test func tokensJustInTimeAreAwaited() async throws {
        let words = (0..<6).flatMap {
            [.pause(.milliseconds(300)), .send(Reply.chunk(Array(Reply.delta("w\($0) ").utf8)))]
                as [ScriptedServer.Step]
        }
        let end = Reply.chunk(Array((Reply.last("stop") + Reply.done).utf8)) + Reply.lastChunk
        try await withChat({ _ in Reply(steps: [.send(Reply.eventHead)] + words + [.send(end)]) }) { server in
            server.limits.betweenTokens = .milliseconds(1_500)
        } _: { client, _ in
            let text = try await client.answer().result.text
            #expect(text == "w0 w1 w2 w3 w4 w5")
        }
    }

    @Test func aServerThatFallsSilentIsLeft() async throws {
        let begin = Reply.eventHead + Reply.chunk(Array(Reply.delta("A van").utf8))
        try await withChat({ _ in Reply(steps: [.send(begin), .hold]) }) { server in
            server.limits.betweenTokens = .milliseconds(300)
        } _: { client, scripted in
            let failure = try await client.failure().failure
            #expect(
                failure.kind == .slow && failure.partial == "A van" && failure.description.contains("the next word"))
            try await eventually { scripted.abandoned == 1 }
        }
    }

    /// Comments keep a connection alive, not a request.
    @Test func keepAlivesAreNoTokens() async throws {
        let flood = Reply.chunk(Array(": keep-alive\n\n".utf8))
        try await withChat({ _ in
            Reply(
                steps: [.send(Reply.eventHead)] + (0..<400).flatMap { _ in [.send(flood), .pause(.milliseconds(20))] }
                    + [.hold])
        }) { server in
            server.limits.firstTokenAfterStart = .milliseconds(500)
        } _: { client, _ in
            let failure = try await client.failure().failure
            #expect(failure.kind == .slow && failure.description.contains("the first word"))
        }
    }

    @Test func headersWithoutEndAreGivenUp() async throws {
        let steps: [ScriptedServer.Step] = [
            .send(Array("HTTP/1.1 200 OK\r\n".utf8)),
            .flood(Array("X-Padding: \(String(repeating: "a", count: 1_000))\r\n".utf8)),
        ]
        try await withChat({ _ in Reply(steps: steps) }) { client, _ in
            let failure = try await client.failure().failure
            #expect(failure.kind == .malformed || failure.kind == .unreachable, "\(failure)")
        }
    }

    @Test func anEndlessAnswerIsCutWhereNoCaptionIsAsLong() async throws {
        let flood = Reply.chunk(Array(Reply.delta(String(repeating: "word ", count: 100)).utf8))
        try await withChat({ _ in Reply(steps: [.send(Reply.eventHead), .flood(flood)]) }) { client, scripted in
            let result = try await client.answer().result
            #expect(result.finish == .length && result.text.utf8.count <= 16 * 1024)
            try await eventually { scripted.abandoned == 1 }
        }
    }

    @Test(arguments: ["data: x", ": comment\n"])
    func aFloodWithoutWordsIsGivenUp(_ text: String) async throws {
        let flood = Reply.chunk(Array(String(repeating: text, count: 1_000).utf8))
        try await withChat({ _ in Reply(steps: [.send(Reply.eventHead), .flood(flood)]) }) { client, scripted in
            let failure = try await client.failure().failure
            #expect(failure.kind == .malformed)
            try await eventually { scripted.abandoned == 1 }
        }
    }

    @Test func anEndlessRefusalIsARefusal() async throws {
        let head = Reply.head(400, ["Content-Type": "text/plain", "Transfer-Encoding": "chunked"])
        let flood = Reply.chunk([UInt8](repeating: UInt8(ascii: "a"), count: 10_000))
        try await withChat({ _ in Reply(steps: [.send(head), .flood(flood)]) }) { client, _ in
            let failure = try await client.failure().failure
            #expect(failure.kind == .refused && failure.description.count < 500)
        }
    }

    /// The connection ends in the middle: asked again, once, with the newest pictures.
    @Test func aCutIsAskedAgainWithTheNewest() async throws {
        let cut = Reply(steps: [.send(Reply.eventHead + Reply.chunk(Array(Reply.delta("A v").utf8))), .close])
        try await withChat({ $0.index == 0 ? cut : .answer("A van.") }) { client, scripted in
            let made = Counter()
            let heard = Heard()
            let result = try await client.complete(stream: "yard") {
                moment(made.next())
            } progress: {
                heard.add($0)
            }
            #expect(result.text == "A van." && result.pictures == 2)
            #expect(
                heard.all == [.sent, .partial("A v"), .notice(.askedAgain), .sent, .partial("A"), .partial("A van.")])
            #expect(scripted.completions.map(\.pictures.count) == [1, 2])
        }
    }

    /// Servers close connections that nobody has used for a while, and after errors of their own.
    @Test func aConnectionThatWasClosedMeanwhileIsNotAnError() async throws {
        let last = Reply.json("{\"error\":\"queue full\"}", status: 400).steps + [.close]
        try await withChat({ $0.index % 2 == 0 ? Reply(steps: last) : .answer("A van.") }) { client, scripted in
            for _ in 0..<4 {
                let failure = try await client.failure().failure
                let time = try #require(failure.retryAt)
                try await Task.sleep(until: time, clock: .continuous)
                let heard = try await client.answer().heard
                #expect(heard.notices.isEmpty)
            }
            #expect(scripted.completions.count == 8)
        }
    }

    @Test func noServerIsUnreachable() async throws {
        // Nobody listens on discard's port.
        let client = try makeClient("http://127.0.0.1:9")
        let failure = try await client.failure().failure
        #expect(failure.kind == .unreachable && failure.retryAt != nil)
        #expect(
            failure.description
                == "http://127.0.0.1:9/v1: Connection refused. Start the server, or check the address and the network.")
        await client.shutdown()
    }

    @Test(arguments: [
        (
            400,
            "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context size\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":9000,\"n_ctx\":4096}}"
        ),
        (500, "{\"error\":{\"code\":500,\"message\":\"Context size has been exceeded.\",\"type\":\"server_error\"}}"),
        (
            400,
            "{\"object\":\"error\",\"message\":\"The decoder prompt (length 10127) is longer than the maximum model length of 8192. Make sure that `max_model_len` is no smaller than the number of text tokens plus multimodal tokens.\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}"
        ),
        (
            400,
            "{\"object\":\"error\",\"message\":\"The input (61709 tokens) is longer than the model's context length (40960 tokens).\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}"
        ),
        (
            400,
            "{\"error\":{\"message\":\"max_tokens must be at least 1, got -186.\",\"type\":\"BadRequestError\",\"code\":400}}"
        ),
    ])
    func picturesAreFewerUntilThereIsRoom(_ status: Int, _ body: String) async throws {
        try await withChat({ $0.pictures.count > 2 ? .json(body, status: status) : .answer("A van.") }) {
            client, scripted in
            let (result, heard) = try await client.answer(8)
            #expect(result.pictures == 2)
            #expect(heard.notices == [.smaller(pictures: 4, longSide: 768), .smaller(pictures: 2, longSide: 768)])
            let notices1 = try await client.answer(8).heard.notices
            #expect(notices1 == [])
            #expect(scripted.completions.map(\.pictures.count) == [8, 4, 2, 2])
        }
    }

    @Test func onePictureIsMadeSmallerUntilThereIsRoom() async throws {
        let refusal =
            "{\"error\":{\"message\":\"video item with length 3 exceeds the pre-allocated encoder cache size\",\"code\":400}}"
        try await withChat({
            $0.pictureTexts == ["picture 0 of side 384"] ? .answer("A van.") : .json(refusal, status: 400)
        }) {
            client, scripted in
            let text = try await client.answer(1).result.text
            #expect(text == "A van.")
            #expect(scripted.completions.flatMap(\.pictureTexts) == [768, 512, 384].map { "picture 0 of side \($0)" })
        }
    }

    @Test func theServersLimitOfPicturesIsKept() async throws {
        let refusal =
            "{\"object\":\"error\",\"message\":\"At most 2 image(s) may be provided in one prompt.\",\"code\":400}"
        try await withChat({ $0.pictures.count > 2 ? .json(refusal, status: 400) : .answer("A van.") }) {
            client, scripted in
            let notices2 = try await client.answer(5).heard.notices
            #expect(notices2 == [.smaller(pictures: 2, longSide: 768)])
            let notices3 = try await client.answer(5).heard.notices
            #expect(notices3 == [])
            #expect(scripted.completions.map(\.pictures.count) == [5, 2, 2])
        }
    }

    @Test(arguments: [
        (
            500,
            "{\"error\":{\"code\":500,\"message\":\"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj\"}}"
        ),
        (400, "{\"object\":\"error\",\"message\":\"toy is not a multimodal model\",\"code\":400}"),
        (400, "{\"error\":{\"message\":\"this model does not support image input\"}}"),
        (400, "{\"error\":{\"message\":\"At most 0 image(s) may be provided in one prompt.\"}}"),
        (422, "{\"detail\":\"unknown variant `image_url`, expected `text`\"}"),
        (
            500,
            "{\"error\":{\"message\":\"Failed to parse messages: Unsupported content part type: \\\"image_url\\\"; messages = [data:image/jpeg;base64,AAAA\"}}"
        ),
    ])
    func aTextOnlyModelIsToldInWords(_ status: Int, _ body: String) async throws {
        try await withChat({ $0.pictures.isEmpty ? .answer("Something moves.") : .json(body, status: status) }) {
            client, scripted in
            let notices4 = try await client.answer().heard.notices
            #expect(notices4 == [.withoutPictures])
            let notices5 = try await client.answer().heard.notices
            #expect(notices5 == [])
            #expect(scripted.completions.map(\.pictures.count) == [2, 0, 0])
            #expect(
                scripted.completions.last?.text
                    == "Previous caption (12.0 s): A van parks at the gate.\nMotion since then: object, left to right. What happens now?"
            )
        }
    }

    @Test func fieldsThatAreUnknownAreLeftOut() async throws {
        let script: @Sendable (Request) -> Reply = { request in
            for field in ["chat_template_kwargs", "stream_options", "temperature"] where request.members[field] != nil {
                return .json(
                    "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"\(field)\"],\"msg\":\"Extra inputs are not permitted\"}]}",
                    status: 422)
            }
            guard request.members["max_tokens"] == nil else {
                return .json(
                    "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.\"}}",
                    status: 400)
            }
            return .answer("A van.")
        }
        try await withChat(script) { client, scripted in
            let notices6 = try await client.answer().heard.notices
            #expect(notices6.count == 4)
            let notices7 = try await client.answer().heard.notices
            #expect(notices7 == [])
            #expect(scripted.completions.count == 6)
            #expect(scripted.completions.last?.members["max_completion_tokens"] as? Int == 80)
        }
    }

    /// What somebody has configured is not left out behind their back.
    @Test func aConfiguredFieldThatIsRefusedIsAnError() async throws {
        try await withChat({ _ in .json("{\"detail\":\"top_k is not permitted\"}", status: 400) }) { server in
            server.extra = ["top_k": .integer(1)]
        } _: { client, scripted in
            let failure = try await client.failure().failure
            #expect(failure.kind == .refused && failure.description.contains("top_k is not permitted"))
            #expect(scripted.completions.count == 1)
        }
    }

    @Test(arguments: [401, 403])
    func aKeyThatIsRefusedIsSentOnceAndNeverTold(_ status: Int) async throws {
        let refusal = "{\"error\":{\"message\":\"Incorrect API key provided: sk-very-secret\"}}"
        try await withChat({ _ in .json(refusal, status: status) }) { server in
            server.key = try APIKey("sk-very-secret")
        } _: { client, scripted in
            let first = try await client.failure().failure
            #expect(first.kind == .unauthorized && first.isPermanent && !"\(first)".contains("secret"))
            _ = try await client.failure()
            #expect(scripted.completions.count == 1)
            #expect(!String(reflecting: client.server).contains("secret"))
        }
    }

    @Test func anErrorThatRepeatsTheKeyIsMasked() async throws {
        try await withChat({ _ in .json("{\"error\":{\"message\":\"bad sk-very-secret and top-secret\"}}", status: 400)
        }) { server in
            server.key = try APIKey("sk-very-secret")
            server.headers = ["X-Key": "top-secret"]
        } _: { client, scripted in
            let failure = try await client.failure().failure
            #expect(failure.description.contains("bad … and …"))
            #expect(scripted.completions.first?.headers["x-key"] == "top-secret")
        }
    }

    @Test func aModelThatIsNotThereNamesThoseThatAre() async throws {
        let script: @Sendable (Request) -> Reply = { request in
            request.path == "/v1/models"
                ? .models(["qwen3-vl:8b", "gemma4"])
                : .json("{\"error\":{\"message\":\"model 'toy-vl' not found\"}}", status: 404)
        }
        try await withChat(script) { client, _ in
            let failure = try await client.failure().failure
            #expect(failure.kind == .wrongModel && failure.description.contains("It has: qwen3-vl:8b, gemma4."))
        }
    }

    @Test func withoutANameTheFirstModelIsAsked() async throws {
        let script: @Sendable (Request) -> Reply = {
            $0.path == "/v1/models" ? .models(["gemma4", "b"]) : .answer("A van.")
        }
        try await withChat(script) {
            $0.model = nil
        } _: { client, scripted in
            _ = try await client.answer()
            _ = try await client.answer()
            #expect(scripted.requests.map(\.path) == ["/v1/models", "/v1/chat/completions", "/v1/chat/completions"])
            #expect(scripted.completions.first?.members["model"] as? String == "gemma4")
        }
    }

    /// Neither key nor pictures go to where a server points.
    @Test(arguments: [301, 302, 307, 308])
    func anotherHostGetsNothing(_ status: Int) async throws {
        try await ScriptedServer.run({ _ in .answer("stolen") }) { other in
            let target = other.address
            try await withChat({ _ in .json("", status: status, headers: ["Location": target + "/v1/chat/completions"])
            }) { client, _ in
                let failure = try await client.failure().failure
                #expect(failure.kind == .redirected && failure.description.contains("127.0.0.1"))
            }
            #expect(other.requests.isEmpty)
        }
    }

    @Test func aRequestThatIsTooLargeIsMadeSmaller() async throws {
        try await withChat({ _ in .answer("A van.") }) {
            $0.limits.requestBytes = 100_000
        } _: { client, scripted in
            let request = ChatRequest(
                system: "s",
                parts: (0..<8).map { _ in
                    .frame(ChatFrame(seconds: nil) { side in [UInt8](repeating: 1, count: side * 50) })
                })
            let result = try await client.complete(stream: "yard") { request }
            #expect(result.pictures == 1 && scripted.completions.count == 1)
        }
    }

    @Test func whoGoesClosesTheConnection() async throws {
        let begin = Reply.eventHead + Reply.chunk(Array(Reply.delta("A van").utf8))
        try await withChat({ _ in Reply(steps: [.send(begin), .hold]) }) { client, scripted in
            let heard = Heard()
            let task = Task { try await client.complete(stream: "yard", request: { moment() }, progress: heard.add) }
            try await eventually { heard.partials == ["A van"] }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await eventually { scripted.abandoned == 1 }
        }
    }

    @Test func nothingIsShownOfSilence() async throws {
        try await withChat({ $0.index == 0 ? .answer("Nothing new.") : .answer("No one is there.") }) { client, _ in
            let (silence, nothing) = try await client.answer()
            #expect(silence.isSilence && nothing.all == [.sent])
            let (words, heard) = try await client.answer()
            #expect(!words.isSilence && heard.partials == ["No one", "No one is", "No one is there."])
        }
    }

    /// A model that was put away is loaded again: the next request waits as long as the first.
    @Test func afterATimeoutTheServerMayLoadItsModelAgain() async throws {
        let hold = Reply(steps: [.send(Reply.eventHead), .hold])
        let late = Reply(steps: [.pause(.milliseconds(1_200))] + Reply.answer("A van.").steps)
        try await withChat({ $0.index == 0 ? .answer("A van.") : $0.index == 1 ? hold : late }) { server in
            server.limits.firstToken = .milliseconds(300)
        } _: { client, _ in
            _ = try await client.answer()
            let failure = try await client.failure().failure
            #expect(failure.kind == .slow)
            let time = try #require(failure.retryAt)
            try await Task.sleep(until: time, clock: .continuous)
            let text = try await client.answer().result.text
            #expect(text == "A van.")
        }
    }

    @Test(arguments: [ChatServer.VideoPart.none, .videoURL, .inputVideo])
    func videoGoesAlongWhereItIsTaken(_ part: ChatServer.VideoPart) async throws {
        try await withChat({ _ in .answer("A van.") }) {
            $0.video = part
        } _: { client, scripted in
            let request = ChatRequest(
                system: "s", parts: [.video(ChatVideo { _ in Array("mp4".utf8) }), .text("What?")])
            _ = try await client.complete(stream: "yard") { request }
            let video = scripted.completions.first?.parts.first
            switch part {
            case .none: #expect(scripted.completions.first?.text == "What?" && video == nil)
            case .videoURL:
                #expect((video?["video_url"] as? [String: String]) == ["url": "data:video/mp4;base64,bXA0"])
            case .inputVideo: #expect((video?["input_video"] as? [String: String]) == ["data": "bXA0"])
            }
        }
    }

    @Test func videoThatIsNotTakenIsLeftOut() async throws {
        let refusal = "{\"error\":{\"code\":400,\"message\":\"unsupported content[].type: video_url\"}}"
        try await withChat({ $0.parts.isEmpty ? .answer("A van.") : .json(refusal, status: 400) }) {
            $0.video = .videoURL
        } _: { client, scripted in
            let request = ChatRequest(system: "s", parts: [.video(ChatVideo { _ in [1] }), .text("What?")])
            let heard = Heard()
            _ = try await client.complete(stream: "yard", request: { request }, progress: heard.add)
            #expect(heard.notices == [.withoutVideo])
        }
    }

    /// Beside a video the last picture is enough; where there is no room for one, all are sent.
    @Test func videoTakesThePlaceOfPictures() async throws {
        let refusal =
            "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context size\",\"type\":\"exceed_context_size_error\"}}"
        try await withChat({ request in
            request.parts.contains { $0["video_url"] != nil } ? .json(refusal, status: 400) : .answer("A van.")
        }) {
            $0.video = .videoURL
        } _: { client, scripted in
            let frames = (0..<3).map { index in ChatFrame(seconds: nil) { _ in [UInt8(index)] } }
            let request = CaptionPrompt(frames: frames, video: ChatVideo { _ in [1] }).request
            let heard = Heard()
            let result = try await client.complete(stream: "yard", request: { request }, progress: heard.add)
            #expect(heard.notices == [.noRoomForVideo])
            #expect(result.pictures == 3)
            #expect(scripted.completions.map(\.pictures.count) == [1, 3])
            // What has no video is not held to be too large for one.
            _ = try await client.complete(stream: "yard") { request }
            #expect(scripted.completions.last?.pictures.count == 3)
        }
    }

    @Test func shutdownEndsWhatIsUnderWay() async throws {
        try await ScriptedServer.run({ _ in Reply(steps: [.send(Reply.eventHead), .hold]) }) { scripted in
            let client = try makeClient(scripted.address)
            let task = Task { try await client.answer() }
            try await eventually { scripted.completions.count == 1 }
            await client.shutdown()
            let failure = await #expect(throws: ChatFailure.self) { try await task.value }
            #expect(failure?.kind == .closed)
        }
    }

    /// Bytes of a good answer, damaged anywhere: an answer or a failure comes of it, never a crash nor a wait without end.
    @Test func damagedAnswersAreAnswersOrFailures() async throws {
        let events = [
            Reply.delta("<think>a</think>Ein "), Reply.delta("Häuschen 家🚐"), Reply.last("stop"), Reply.usage(4),
            Reply.done,
        ]
        let good = Array(events.joined().utf8)
        let script: @Sendable (Request) -> Reply = { request in
            var random = SystemRandomNumberGenerator()
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: bytes[place..<min(place + 20, bytes.count)], at: place)
                default: bytes.removeSubrange(place...)
                }
                if bytes.isEmpty { bytes = good }
            }
            return .events([bytes])
        }
        try await ScriptedServer.run(script) { scripted in
            for _ in 0..<300 {
                let client = try makeClient(scripted.address)
                do {
                    let text = try await client.answer().result.text
                    #expect(text.utf8.count < 2_000)
                } catch is ChatFailure {}
                await client.shutdown()
            }
        }
    }
}
