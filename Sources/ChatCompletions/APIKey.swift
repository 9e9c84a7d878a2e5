/// A key, held in memory only: no description, no error and no log shows it.
package struct APIKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private static let maximumBytes = 4096

    private let value: String

    /// - Parameter text: as a file or a credential holds it; a newline at its end is dropped.
    package init(_ text: String) throws(ChatFailure) {
        let value = text.trimmed
        guard !value.isEmpty else { throw Self.wrong("it is empty") }
        guard value.utf8.count <= Self.maximumBytes else { throw Self.wrong("it is longer than 4 KiB") }
        // RFC 9110 §5.5: what a header may hold.
        guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Self.wrong("it holds a space, or what is not ASCII")
        }
        self.value = value
    }

    var authorization: String { "Bearer \(value)" }

    /// The text without the key.
    func masked(_ text: String) -> String {
        guard value.utf8.count >= 4 else { return text }
        return text.split(separator: value, omittingEmptySubsequences: false).joined(separator: "…")
    }

    package var description: String { "…" }
    package var debugDescription: String { "…" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    private static func wrong(_ what: String) -> ChatFailure {
        ChatFailure(.badSetting, "this is no API key: \(what). Give one line with the key alone.", isPermanent: true)
    }
}
