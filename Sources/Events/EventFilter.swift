/// Which events a consumer wants.
package struct EventFilter: Sendable, Hashable {
    /// Globs on stream names; empty: all.
    var streams: [Glob] = []
    /// Globs on event names; empty: all.
    var types: [Glob] = []

    package init(streams: [Glob] = [], types: [Glob] = []) {
        self.streams = streams
        self.types = types
    }

    /// Losses pass whatever types are wanted; those that may concern any stream always do.
    func matches(stream: String?, name: String) -> Bool {
        let isLoss = name == EventName.logLost.rawValue
        let isWantedStream = streams.isEmpty || streams.contains { $0.matches(stream ?? "") }
        if isLoss { return stream == nil || isWantedStream }
        return isWantedStream && (types.isEmpty || types.contains { $0.matches(name) })
    }
}

/// A pattern in which `*` stands for any characters, none included, and `?` for one.
package struct Glob: Sendable, Hashable {
    private let pattern: [UInt8]

    package init(_ pattern: String) {
        self.pattern = Array(pattern.utf8)
    }

    /// Linear with one step back to the last star, so that no pattern is slow.
    package func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        var (at, inText) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while inText < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, inText)
                at += 1
            } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == text[inText] {
                at += 1
                inText += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                at = last.pattern + 1
                inText = last.text + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
