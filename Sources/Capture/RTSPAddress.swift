internal import CGStreamer

/// Where a camera is, and how to log in to it. The credentials leave the URL here and are never part of a text again.
public struct RTSPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The URL without user and password; what GStreamer gets. A query may still hold secrets, so it is not for logs.
    package let location: String
    package private(set) var user: String?
    package private(set) var password: String?
    /// For logs and events: no user, no password, nothing from the first `?`, `=` or `#` on, where cameras put them too.
    public let description: String

    /// Parses `rtsp[s]://[user[:password]@]host[:port][/path]` (RFC 3986; RFC 2326, 3.2).
    ///
    /// Passwords are taken as people paste them: an unescaped `@` belongs to the password, an unescaped `/`, `?` or `#`
    /// too where the text before it cannot be a host and port. Text with a `%` that begins no escape is taken literally.
    /// - Throws: `SourceError` of kind `badAddress`, which does not repeat the text; also where the login may end at more
    ///   than one `@`, for the wrong choice would show a part of a password as host or path.
    public init(parsing text: String) throws(SourceError) {
        guard let separator = text.firstRange(of: "://") else { throw Self.invalid("it does not begin with rtsp://") }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "rtsp" || scheme == "rtsps" else { throw Self.invalid("the scheme is not rtsp or rtsps") }
        let rest = text[separator.upperBound...]
        guard !rest.unicodeScalars.contains(where: \.isControl) else {
            throw Self.invalid("it holds a control character")
        }
        let (userInfo, target) = try Self.split(rest)
        if let userInfo {
            let (name, secret) = Self.credentials(userInfo)
            guard !(name + (secret ?? "")).unicodeScalars.contains(where: \.isControl) else {
                throw Self.invalid("user or password hold an escaped control character")
            }
            (user, password) = (name, secret)
        }
        location = "\(scheme)://\(Self.withRoot(target))"
        let shown = target.prefix { !"?=#".contains($0) }
        description = "\(scheme)://\(shown)\(shown.endIndex < target.endIndex ? "…" : "")"
    }

    /// The same camera with this login.
    package func with(user: String, password: String) -> RTSPAddress {
        var address = self
        (address.user, address.password) = (user, password)
        return address
    }

    /// Whether whoever reads it can log in: it has a user, or a key in path or query that is called after a secret.
    package var holdsCredentials: Bool { user != nil || !Self.secretValues(location).isEmpty }

    /// Texts that must not show in a message about this camera. A user name is none, unless it stands alone: then it is a
    /// token.
    package var secrets: [String] {
        var secrets: [String] = []
        if let user {
            let secret = password.flatMap { $0.isEmpty ? nil : $0 } ?? user
            secrets += [secret, Self.encoded(secret), Self.base64("\(user):\(password ?? "")")]
        }
        if let start = location.firstIndex(where: { "?=".contains($0) }) {
            secrets.append(String(location[start...]))
            secrets += Self.secretValues(location)
        }
        return secrets.filter { !$0.isEmpty }
    }

    /// User info (nil without one) and everything from the host on.
    private static func split(_ rest: Substring) throws(SourceError) -> (Substring?, Substring) {
        var readings: [(userInfo: Substring?, target: Substring)] = [(nil, rest)]
        for at in rest.indices where rest[at] == "@" { readings.append((rest[..<at], rest[rest.index(after: at)...])) }
        let possible = readings.filter {
            HostAndPort($0.target.prefix { !"/?#@".contains($0) }, before: $0.target) != nil
        }
        guard let first = possible.first else { throw invalid("the host or the port is not valid") }
        let host = HostAndPort(first.target.prefix { !"/?#".contains($0) }, before: first.target)
        // Nobody's user or password looks like the number of a host: an `@` behind it belongs to the path.
        guard possible.count == 1 || host?.isNumeric == true else {
            throw SourceError(
                .badAddress,
                "This RTSP address can be read in two ways, for it has an @ behind a /, ? or #. In user and password write "
                    + "%2F for /, %3F for ?, %23 for # and %40 for @; in the path write %40 for @. Or give user and password "
                    + "apart (docs/credentials.md).")
        }
        return first
    }

    /// With a `/` in front of a query that holds an `@`: GStreamer would take what stands before that for a login.
    private static func withRoot(_ target: Substring) -> String {
        guard target.contains("@"), let end = target.firstIndex(where: { "/?#".contains($0) }), target[end] != "/"
        else {
            return String(target)
        }
        return "\(target[..<end])/\(target[end...])"
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
            } else if rest.count >= 2, rest.prefix(2).allSatisfy(\.isHexDigit),
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                return String(text)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? String(text)
    }

    /// Everything escaped but RFC 3986's unreserved characters.
    private static func encoded(_ text: String) -> String { taken(g_uri_escape_string(text, nil, 0)) }

    private static func base64(_ text: String) -> String {
        taken(g_base64_encode(Array(text.utf8), gsize(text.utf8.count)))
    }

    private static func taken(_ text: UnsafeMutablePointer<gchar>?) -> String {
        defer { g_free(text) }
        return text.map { String(cString: $0) } ?? ""
    }

    /// The values of keys in path and query that are called after a secret: `/user=u_password=p_channel=1`, `?pwd=p`.
    private static func secretValues(_ location: String) -> [String] {
        let names = ["pass", "pwd", "pw", "token", "key", "auth", "secret", "sig", "session", "sid"]
        let pieces = location.split(separator: "=", omittingEmptySubsequences: false)
        return zip(pieces, pieces.dropFirst()).compactMap { before, after in
            let key = before.suffix(while: \.isLetter).lowercased()
            guard names.contains(where: { key.contains($0) }) else { return nil }
            let value = after.prefix { !"&;?_/#".contains($0) }
            return value.isEmpty ? nil : String(value)
        }
    }

    private static func invalid(_ why: String) -> SourceError {
        SourceError(.badAddress, "This is not an RTSP address: \(why). Write rtsp://user:password@host:554/path.")
    }
}

/// `host`, `host:port`, `[address]` or `[address]:port`.
private struct HostAndPort {
    /// An IPv4 or IPv6 address rather than a name.
    let isNumeric: Bool

    /// Nil where `text` is none, or an `@` follows it in `target`.
    init?(_ text: Substring, before target: Substring) {
        if text.endIndex < target.endIndex, target[text.endIndex] == "@" { return nil }
        let host: Substring
        var tail: Substring
        if text.hasPrefix("["), let bracket = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<bracket]
            tail = text[text.index(after: bracket)...]
            let (address, zone) = host.firstIndex(of: "%").map { (host[..<$0], host[$0...]) } ?? (host, "")
            guard address.contains(":"), address.utf8.allSatisfy({ $0.isHexDigit || ":.".utf8.contains($0) }),
                zone.utf8.allSatisfy({ $0.isLetterOrDigit || "%-._~".utf8.contains($0) })
            else { return nil }
            isNumeric = true
        } else {
            host = text.prefix { $0 != ":" }
            tail = text[host.endIndex...]
            guard !host.isEmpty, host.allSatisfy({ $0.isLetter || $0.isNumber || "-._~".contains($0) }) else {
                return nil
            }
            let parts = host.split(separator: ".", omittingEmptySubsequences: false)
            isNumeric = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && $0.first != "+" }
        }
        guard let colon = tail.popFirst() else { return }
        guard colon == ":", tail.utf8.allSatisfy(\.isDigit), let port = UInt16(tail), port > 0 else { return nil }
    }
}

extension BidirectionalCollection where SubSequence: BidirectionalCollection {
    /// The longest ending whose elements all satisfy the condition.
    fileprivate func suffix(while condition: (Element) -> Bool) -> SubSequence {
        self[(lastIndex { !condition($0) }.map { index(after: $0) } ?? startIndex)...]
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { value < 0x20 || value == 0x7F }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLetterOrDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
    fileprivate var isHexDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20) }
}
