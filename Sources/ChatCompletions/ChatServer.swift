/// Which server is asked, and how: one of these may serve many streams.
package struct ChatServer: Sendable {
    /// How the server takes moving pictures, if it does.
    package enum VideoPart: String, Sendable, Hashable, CaseIterable {
        case none
        /// `{"type": "video_url"}`: vLLM, SGLang, LMDeploy.
        case videoURL = "video_url"
        /// `{"type": "input_video"}`: llama-server.
        case inputVideo = "input_video"
    }

    package var address: ChatAddress
    /// Nil: the first one that the server lists.
    package var model: String?
    package var key: APIKey?
    /// Sent with every request. Never shown: they may hold keys.
    package var headers: [String: String] = [:]
    package var limits = ChatLimits()
    package var budget = ChatBudget()
    package var maximumTokens = 80
    /// Nil: the server's own.
    package var temperature: Double? = 0
    /// The model may think before it answers. Costs time, and perceives worse.
    package var thinks = false
    package var video = VideoPart.none
    /// Members of the request that pass through as they are, in place of those of the same name.
    package var extra: [String: JSONField] = [:]

    package init(address: ChatAddress, model: String? = nil, key: APIKey? = nil) {
        (self.address, self.model, self.key) = (address, model, key)
    }

    /// - Throws: `ChatFailure.Kind.badSetting`.
    package func validate() throws(ChatFailure) {
        for (name, value) in headers {
            let isToken = !name.isEmpty && name.utf8.allSatisfy { Self.tokenBytes.contains($0) }
            guard isToken, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw Self.wrong("the header \"\(name)\" cannot be sent: it holds what HTTP does not allow")
            }
            guard !["host", "content-length", "transfer-encoding", "connection"].contains(name.lowercased()) else {
                throw Self.wrong("the header \"\(name)\" is videowire's own")
            }
        }
        for name in ["messages", "stream", "model"] where extra[name] != nil {
            throw Self.wrong("the field \"\(name)\" is videowire's own; it cannot be passed through")
        }
        let times = [
            limits.connect, limits.firstToken, limits.firstTokenAfterStart, limits.betweenTokens, limits.answer,
        ]
        guard times.allSatisfy({ $0 > .zero }) else { throw Self.wrong("a time limit is not above zero") }
        guard limits.pictures >= 0, limits.longSide >= 16, maximumTokens > 0 else {
            throw Self.wrong("a limit of pictures, their side or of tokens is too small")
        }
    }

    /// RFC 9110 §5.6.2.
    private static let tokenBytes = Set(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    private static func wrong(_ what: String) -> ChatFailure {
        ChatFailure(.badSetting, "\(what). Correct the configuration.", isPermanent: true)
    }

    /// The text without key and without the values of headers.
    func masked(_ text: String) -> String {
        let text = key?.masked(text) ?? text
        return headers.values.filter { $0.utf8.count >= 6 }.reduce(text) { text, secret in
            text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "…")
        }
    }
}

extension ChatServer: CustomStringConvertible, CustomReflectable {
    /// Headers and key stay unseen.
    package var customMirror: Mirror { Mirror(self, children: ["address": address.description, "model": model ?? ""]) }
    package var description: String { "\(address)\(model.map { " (\($0))" } ?? "")" }
}
