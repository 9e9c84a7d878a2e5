/// An error as a server words it: in the body of a refusal, or in the middle of an answer.
struct ServerError: Hashable {
    private static let maximumCharacters = 200

    /// The status it names itself.
    var status: Int?
    /// Kind and code, e.g. `exceed_context_size_error`.
    var type: String
    var message: String

    /// The forms in use: `{"error": {…}}`, `{"error": "…"}`, `{"object": "error", …}`, `{"detail": …}`, `{"message": …}`.
    init?(_ body: JSONField) {
        if let error = body["error"], error != .null {
            self.init(members: error)
        } else if body["object"]?.string == "error" || (body["choices"] == nil && body["message"]?.string != nil) {
            self.init(members: body)
        } else if let detail = body["detail"] {
            self.init(status: nil, type: "", message: detail.string ?? Self.text(detail))
        } else {
            return nil
        }
    }

    /// Where the body has none of these forms, it is the message.
    init(body: [UInt8]) {
        if let json = JSONField(body), let error = ServerError(json) {
            self = error
        } else {
            self.init(status: nil, type: "", message: String(decoding: body, as: UTF8.self))
        }
    }

    /// The event `error` of a stream holds the members alone.
    init(members: JSONField) {
        let type = [members["type"], members["code"]].compactMap { $0?.string }.joined(separator: " ")
        self.init(
            status: members["code"]?.integer ?? members["status"]?.integer, type: type,
            message: members.string ?? members["message"]?.string ?? Self.text(members))
    }

    private init(status: Int?, type: String, message: String) {
        (self.status, self.type, self.message) = (status, type, message)
    }

    /// The message as one short line. Some servers repeat the request, pictures and all.
    var line: String {
        let characters = message.unicodeScalars.prefix(4 * Self.maximumCharacters).map {
            $0.value < 0x20 ? " " : Character($0)
        }
        let line = String(characters).trimmed
        guard line.count <= Self.maximumCharacters else { return line.prefix(Self.maximumCharacters) + "…" }
        return line.last == "." ? String(line.dropLast()) : line
    }

    private static func text(_ value: JSONField) -> String {
        (try? value.encoded()).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// What is to be done about it.
    ///
    /// - Parameters:
    ///   - status: of the response; 200 for an error in the middle of an answer.
    ///   - sent: the optional fields that the request had.
    func complaint(status: Int, retryAfter: Duration? = nil, sent: Set<OptionalField>) -> ChatComplaint {
        switch status {
        case 401, 403: return .unauthorized(status: status)
        case 429, 503: return .busy(status: status, retryAfter: retryAfter)
        case 413: return .bodyTooLarge
        case 404 where "\(type) \(message)".lowercased().contains("model"): return .wrongModel
        case 408, 502, 504: return .unavailable(status: status)
        default: break
        }
        if let complaint = complaintByWords(sent: sent) { return complaint }
        if status == 200 {
            if let own = self.status, (400..<500).contains(own) || own == 503 {
                return complaint(status: own, sent: sent)
            }
            return .failedWhileAnswering(line)
        }
        return status >= 500 && status != 501 ? .unavailable(status: status) : .refused(status: status, message: line)
    }

    private func complaintByWords(sent: Set<OptionalField>) -> ChatComplaint? {
        let text = "\(type) \(message)".lowercased()
        if let allowed = Self.allowedPictures(text) {
            return allowed == 0 ? .picturesUnsupported : .tooManyPictures(allowed: allowed)
        }
        if Self.modelWords.contains(where: text.contains) { return .wrongModel }
        if Self.overflowWords.contains(where: text.contains) { return .contextOverflow }
        if text.contains("encoder cache") { return .pictureTooLarge }
        if let field = OptionalField.allCases.first(where: { sent.contains($0) && text.contains($0.rawValue) }) {
            return .fieldRefused(field)
        }
        let isUnknownPart = Self.unknownPartWords.contains(where: text.contains)
        if Self.videoWords.contains(where: text.contains)
            || (isUnknownPart && ["input_video", "video_url"].contains(where: text.contains))
        {
            return .videoUnsupported
        }
        if Self.pictureWords.contains(where: text.contains) || (isUnknownPart && text.contains("image_url")) {
            return .picturesUnsupported
        }
        return nil
    }

    /// Seen in issues of llama.cpp, vLLM, SGLang and LM Studio, and in the manuals of hosted servers.
    private static let overflowWords = [
        "exceed_context_size", "context_length_exceeded", "context size", "context length", "maximum model length",
        "max_model_len", "context window", "prompt is too long", "prompt too long", "input is too long",
        "must be at least 1, got -",
    ]

    private static let modelWords = [
        "model_not_found", "model not found", "unknown model", "no such model", "server is pinned to",
    ]

    private static let videoWords = ["video input is not supported", "not support video", "videos are not supported"]

    private static let pictureWords = [
        "image input is not supported", "not a multimodal model", "not support image", "not support vision",
        "images are not supported", "mmproj", "not support multimodal", "missing data required for image",
    ]

    /// What servers say of a kind of part that they do not know; a part that they cannot read is told in other words.
    private static let unknownPartWords = [
        "unsupported", "not supported", "only supported", "unknown variant", "invalid content type",
    ]

    /// `At most 6 image(s) may be provided in one prompt.` and its likes.
    private static func allowedPictures(_ text: String) -> Int? {
        let words = text.split { !$0.isLetter && !$0.isNumber }
        for index in words.indices.dropFirst(2) where words[index].hasPrefix("image") {
            guard words[index - 2] == "most" || words[index - 2] == "maximum", let count = Int(words[index - 1]) else {
                continue
            }
            return count
        }
        return nil
    }
}
