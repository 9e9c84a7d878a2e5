/// Where a camera is, and how to log in to it. The credentials leave the URL here and are never part of a text again.
public struct RTSPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The URL without user and password; what GStreamer gets. A query may still hold secrets, so it is not for logs.
    package let location: String
    package let user: String?
    package let password: String?
    /// For logs and events: no user, no password, nothing from the first `?` or `=` on, where cameras put them too.
    public let description: String

    /// Parses `rtsp[s]://[user[:password]@]host[:port][/path]`.
    ///
    /// Passwords are taken as people paste them: an unescaped `@` belongs to the password (the last one before the
    /// host counts), an unescaped `/`, `?` or `#` too where the text before it cannot be a host and port.
    /// - Throws: `SourceError` of kind `badAddress`, which does not repeat the text.
    public init(parsing text: String) throws(SourceError) {
        guard let separator = text.firstRange(of: "://") else { throw Self.invalid("no scheme") }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "rtsp" || scheme == "rtsps" else { throw Self.invalid("the scheme is not rtsp or rtsps") }
        let rest = text[separator.upperBound...]
        guard !rest.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw Self.invalid("it holds a control character")
        }
        let (userInfo, target) = Self.split(rest)
        let host = target.prefix { !"/?#".contains($0) }
        guard Self.isHostAndPort(host) else { throw Self.invalid("the host or the port is not valid") }
        let credentials = userInfo.map(Self.credentials)
        user = credentials?.user
        password = credentials?.password
        location = "\(scheme)://\(target)"
        let shown = target.prefix { !"?=#".contains($0) }
        description = "\(scheme)://\(shown)\(shown.count < target.count ? "…" : "")"
    }

    /// Texts that must not show in a message about this camera.
    var secrets: [String] {
        let query = location.firstIndex(where: { "?=".contains($0) }).map {
            String(location[location.index(after: $0)...])
        }
        return [password, query].compactMap { $0 }.filter { !$0.isEmpty }
    }

    /// User info (nil without one) and everything from the host on.
    private static func split(_ rest: Substring) -> (Substring?, Substring) {
        let authority = rest.prefix { !"/?#".contains($0) }
        // A bare host before the first slash: an `@` behind it belongs to the path.
        if !authority.contains("@"), isHostAndPort(authority) { return (nil, rest) }
        let search = authority.contains("@") ? authority : rest
        guard let at = search.lastIndex(of: "@") else { return (nil, rest) }
        return (rest[..<at], rest[rest.index(after: at)...])
    }

    private static func isHostAndPort(_ text: Substring) -> Bool {
        var host = text
        var port: Substring?
        if text.hasPrefix("["), let bracket = text.firstIndex(of: "]") {
            host = text[...bracket]
            let tail = text[text.index(after: bracket)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { return false }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, !host.contains(where: { " @\\\"".contains($0) }) else { return false }
        guard let port else { return true }
        return port.allSatisfy(\.isNumber) && UInt16(port).map { $0 > 0 } ?? false
    }

    private static func credentials(_ userInfo: Substring) -> (user: String, password: String?) {
        guard let colon = userInfo.firstIndex(of: ":") else { return (decoded(userInfo), nil) }
        return (decoded(userInfo[..<colon]), decoded(userInfo[userInfo.index(after: colon)...]))
    }

    /// Percent escapes undone; text with a `%` that begins none is taken literally.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else if rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                return String(text)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? String(text)
    }

    private static func invalid(_ why: String) -> SourceError {
        SourceError(.badAddress, "This is not an RTSP address: \(why). Write rtsp://user:password@host:554/path.")
    }
}
