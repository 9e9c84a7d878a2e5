/// One request, before it is known how much of it the server has room for.
package struct ChatRequest: Sendable {
    package enum Part: Sendable {
        case text(String)
        /// Left out, with its timestamp, where there is no room. The last of a request is left out last.
        case frame(ChatFrame)
        /// Left out where the server takes none; where it does, the last frame alone goes along.
        case video(ChatVideo)
    }

    package var system: String
    /// In this order.
    package var parts: [Part]
    /// Nil: as the server's configuration says.
    package var maximumTokens: Int?

    package init(system: String, parts: [Part], maximumTokens: Int? = nil) {
        (self.system, self.parts, self.maximumTokens) = (system, parts, maximumTokens)
    }

    var frameCount: Int { parts.count { if case .frame = $0 { true } else { false } } }
    var hasVideo: Bool { parts.contains { if case .video = $0 { true } else { false } } }

    /// Which frames go along where there is room for so many: the last one, and others evenly spread before it.
    static func chosen(_ room: Int, of count: Int) -> Set<Int> {
        guard room < count else { return Set(0..<max(0, count)) }
        guard room > 0 else { return [] }
        return Set((1...room).map { count * $0 / room - 1 })
    }

    /// Roughly what it will take, before any server has counted: four bytes of text, or 28 × 28 pixels, a token.
    func estimatedTokens(pictures: Int, longSide: Int, answer: Int) -> Int {
        var bytes = system.utf8.count
        for case .text(let text) in parts { bytes += text.utf8.count }
        let picture = (longSide / 28) * (longSide * 9 / 16 / 28)
        return bytes / 4 + min(pictures, frameCount) * max(1, picture) + answer
    }
}
