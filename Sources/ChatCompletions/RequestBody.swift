internal import Foundation

/// The JSON of a request.
struct RequestBody {
    var bytes: [UInt8]
    var pictures: Int
    /// The optional fields that it has.
    var sent: Set<OptionalField>

    /// - Throws: whatever making a picture throws.
    init(_ request: ChatRequest, server: ChatServer, model: String, kind: ServerKind, plan: ChatPlan) async throws {
        var room = plan.hasPictures ? plan.pictures : 0
        let showsVideo = plan.hasVideo && request.hasVideo
        if showsVideo { room = min(room, 1) }
        let chosen = ChatRequest.chosen(room, of: request.frameCount)
        var parts: [JSONField] = []
        var texts: [String] = []
        var index = 0
        func add(_ text: String) {
            parts.append(Self.text(text))
            texts.append(text)
        }
        for part in request.parts {
            switch part {
            case .text(let text): add(text)
            case .frame(let frame):
                defer { index += 1 }
                guard chosen.contains(index) else { continue }
                if let seconds = frame.seconds { add(ChatFrame.timestamp(seconds)) }
                parts.append(Self.picture(try await frame.jpeg(longSide: plan.longSide)))
            case .video(let video):
                guard showsVideo else { continue }
                let file = try await video.mp4(longSide: plan.longSide)
                if let part = Self.video(file, as: server.video) { parts.append(part) }
            }
        }
        pictures = chosen.count
        let isText = parts.count == texts.count
        var members: [String: JSONField] = [
            "model": .string(model), "stream": .bool(true),
            "messages": .array([
                .object(["role": .string("system"), "content": .string(request.system)]),
                // A text-only model's template may know no list of parts.
                .object([
                    "role": .string("user"), "content": isText ? .string(texts.joined(separator: "\n")) : .array(parts),
                ]),
            ]),
        ]
        sent = []
        for (field, value) in Self.optional(server, kind: kind) where !plan.omitted.contains(field) {
            guard server.extra[field.rawValue] == nil else { continue }
            members[field.rawValue] = value
            sent.insert(field)
        }
        let tokens = JSONField.integer(request.maximumTokens ?? server.maximumTokens)
        let tokensField =
            plan.omitted.contains(.maximumTokens) ? "max_completion_tokens" : OptionalField.maximumTokens.rawValue
        members[tokensField] = tokens
        if tokensField == OptionalField.maximumTokens.rawValue { sent.insert(.maximumTokens) }
        members.merge(server.extra) { $1 }
        bytes = try JSONField.object(members).encoded()
    }

    private static func optional(_ server: ChatServer, kind: ServerKind) -> [(OptionalField, JSONField)] {
        var fields: [(OptionalField, JSONField)] = [(.streamOptions, .object(["include_usage": .bool(true)]))]
        if let temperature = server.temperature { fields.append((.temperature, .number(temperature))) }
        guard !server.thinks else { return fields }
        fields.append((.chatTemplate, .object(["enable_thinking": .bool(false)])))
        if kind == .llamaServer || kind == .ollama { fields.append((.reasoningEffort, .string("none"))) }
        return fields
    }

    private static func text(_ text: String) -> JSONField {
        .object(["type": .string("text"), "text": .string(text)])
    }

    private static func picture(_ jpeg: [UInt8]) -> JSONField {
        .object(["type": .string("image_url"), "image_url": .object(["url": .string(dataURL("image/jpeg", jpeg))])])
    }

    private static func video(_ file: [UInt8], as part: ChatServer.VideoPart) -> JSONField? {
        switch part {
        case .none: nil
        case .videoURL:
            .object([
                "type": .string("video_url"),
                "video_url": .object(["url": .string(dataURL(ChatVideo.mediaType, file))]),
            ])
        case .inputVideo:
            .object([
                "type": .string("input_video"),
                "input_video": .object(["data": .string(Data(file).base64EncodedString())]),
            ])
        }
    }

    private static func dataURL(_ mediaType: String, _ bytes: [UInt8]) -> String {
        "data:\(mediaType);base64,\(Data(bytes).base64EncodedString())"
    }
}
