internal import CGStreamer
internal import Synchronization

/// What this process knows and must not tell.
package enum Secrets {
    private static let mask = Mutex(SecretMask())

    /// Masks the source's secrets from now on. With credentials among them this process leaves no core dump any more, and
    /// nobody but root can read its memory. Call it before anything else gets to know them; any thread.
    package static func keep(of source: SourceLocation) {
        guard case .rtsp(let address) = source else { return }
        keep(address.secrets, areCredentials: address.holdsCredentials)
    }

    /// The same for texts.
    package static func keep(_ texts: [String], areCredentials: Bool) {
        if areCredentials { cgst_forbid_core_dump() }
        mask.withLock { mask in
            for text in texts { mask.insert(text) }
        }
    }

    /// The text with every secret known so far as `…`.
    package static func masked(_ text: String) -> String { mask.withLock { $0 }.masked(text) }
}
