extension ChatClient {
    /// Finds out whether the server can caption at all: it is there, takes the key, has the model, and the model takes pictures.
    ///
    /// A picture of 64 × 64 pixels is sent for that. Takes as long as the server needs to load its model.
    ///
    /// - Throws: `ChatFailure`; `isPermanent` where the configuration must change, else it may be tried again at `retryAt`;
    ///   and `CancellationError`.
    package func probe() async throws -> ChatCapabilities {
        let list = try await models()
        var found = try choose(from: list)
        remember(model: found.id, kind: found.kind)
        if found.modalities == nil { found.modalities = try await modalities(of: found) }
        if let modalities = found.modalities, !modalities.contains("image") { throw textOnly(found.id) }
        let notices = try await tryPicture(found, list: list)
        rememberAnswer()
        return ChatCapabilities(
            server: found.kind, model: found.id, models: list?.models.map(\.id) ?? [], contextTokens: found.context,
            takesVideo: found.modalities.map { $0.contains("video") }, notices: notices)
    }

    /// Nil where the server has no such list.
    private func models() async throws -> ModelList? {
        switch try await newExchange.get(server.address.base + "/models") {
        case .found(let json): return ModelList(json)
        case .failed(.refused(status: 404, _)), .failed(.refused(status: 405, _)), .failed(.wrongModel): return nil
        // A server that cannot list its models may serve one by its name all the same.
        case .failed(.unavailable(status: 500)) where server.model != nil: return nil
        case .failed(let complaint): throw failure(complaint)
        }
    }

    private func choose(from list: ModelList?) throws(ChatFailure) -> ModelList.Model {
        guard let name = server.model else {
            if let first = list?.models.first { return first }
            throw permanent(
                .wrongModel, "\(server.address) lists no model. Name one in the configuration, or load one.")
        }
        if let model = list?.model(named: name) { return model }
        let kind = list?.models.first?.kind ?? .other
        // Hosted servers have models that they do not list: those answer for themselves.
        let mayBeUnlisted = list?.models.isEmpty ?? true || (kind == .other && server.address.isEncrypted)
        guard mayBeUnlisted else { throw wrongModel(name, list) }
        return ModelList.Model(id: name, kind: kind, modalities: nil, context: nil)
    }

    /// Asked where servers tell it: llama-server and Ollama. Nil where nobody does.
    private func modalities(of model: ModelList.Model) async throws -> [String]? {
        switch model.kind {
        case .llamaServer:
            guard case .found(let json) = try await newExchange.get(server.address.root + "/props"),
                case .object(let told)? = json["modalities"]
            else { return nil }
            let names = ["vision": "image", "video": "video", "audio": "audio"]
            return ["text"] + told.filter { $0.value.isTrue }.compactMap { names[$0.key] }.sorted()
        case .ollama:
            let name = JSONField.object(["model": .string(model.id)])
            guard case .found(let json) = try await newExchange.get(server.address.root + "/api/show", post: name),
                let told = json["capabilities"]?.array?.compactMap(\.string)
            else { return nil }
            return told.contains("vision") ? ["text", "image"] : ["text"]
        default: return nil
        }
    }

    /// Sends a picture, and where the server does not say that its model sees, the same question without it: some servers leave pictures
    /// out without a word when the model is text-only, and then both take the same number of tokens.
    private func tryPicture(_ model: ModelList.Model, list: ModelList?) async throws -> [ChatNotice] {
        let question = ChatRequest.Part.text("What is in this picture?")
        let frame = ChatFrame(seconds: nil) { _ in ProbePicture.jpeg }
        var recovery = Self.recovery(server, model: model.id)
        var notices: [ChatNotice] = []
        let seen = try await ask([.frame(frame), question], model, list: list, &recovery, &notices)
        if model.modalities == nil, let seen {
            let told = try await ask([question], model, list: list, &recovery, &notices)
            if let told, seen.promptTokens > 0, seen.promptTokens <= told.promptTokens + 1 { throw textOnly(model.id) }
        }
        return notices
    }

    /// - Returns: what it took; nil where the server does not count.
    private func ask(
        _ parts: [ChatRequest.Part], _ model: ModelList.Model, list: ModelList?, _ recovery: inout ChatRecovery,
        _ notices: inout [ChatNotice]
    ) async throws -> ChatUsage? {
        let request = ChatRequest(system: CaptionPrompt.system(), parts: parts, maximumTokens: Self.probeTokens)
        for _ in 0..<OptionalField.allCases.count + 2 {
            let plan = try recovery.plan(at: .now)
            let body = try await RequestBody(request, server: server, model: model.id, kind: model.kind, plan: plan)
            let (outcome, _) = try await newExchange.complete(body) { _ in }
            switch outcome {
            case .answered(let answer): return answer.usage
            // A few tokens may all be spent on thinking: the picture was taken all the same.
            case .failed(.onlyThinking, _): return nil
            case .failed(.picturesUnsupported, _), .failed(.tooManyPictures, _): throw textOnly(model.id)
            case .failed(.wrongModel, _): throw wrongModel(model.id, list)
            case .failed(let complaint, let partial):
                let verdict = recovery.failed(
                    complaint, used: plan, pictures: body.pictures, partial: partial, now: .now,
                    jitter: Double.random(in: 0..<1))
                switch verdict {
                case .again(let notice?):
                    notices.append(notice)
                    if case .without(let field) = notice { rememberRefused([field]) }
                case .again(nil), .againWithNewest: continue
                case .failed(let failure): throw masked(failure)
                }
            }
        }
        throw ChatFailure(.refused, "\(server.address) refuses whatever is sent. See the server's log.")
    }

    private static var probeTokens: Int { 8 }

    private func wrongModel(_ name: String, _ list: ModelList?) -> ChatFailure {
        let names = list?.sentence ?? ""
        let advice = names.isEmpty ? "Name one that it has." : "Name one of them, or none to have the first."
        return permanent(.wrongModel, "\(server.address) has no model \"\(name)\".\(names) \(advice)")
    }

    private func textOnly(_ model: String) -> ChatFailure {
        rememberTextOnly()
        return permanent(
            .textOnly,
            "\(server.address): the model \"\(model)\" takes no pictures. Name a vision-language model, or load its projector (mmproj)."
        )
    }

    private func permanent(_ kind: ChatFailure.Kind, _ description: String) -> ChatFailure {
        masked(ChatFailure(kind, description, isPermanent: true))
    }

    private func failure(_ complaint: ChatComplaint) -> ChatFailure {
        var recovery = Self.recovery(server, model: server.model)
        let plan = ChatPlan(pictures: 0, longSide: 0, hasVideo: false, failures: 1)
        let verdict = recovery.failed(complaint, used: plan, pictures: 0, now: .now, jitter: Double.random(in: 0..<1))
        guard case .failed(let failure) = verdict else {
            return ChatFailure(.unreachable, "\(server.address) broke off. See the server's log.")
        }
        return masked(failure)
    }

    private func masked(_ failure: ChatFailure) -> ChatFailure {
        var failure = failure
        failure.description = server.masked(failure.description)
        return failure
    }
}
