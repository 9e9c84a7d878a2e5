internal import Foundation

/// Where a server's chat completions are.
package struct ChatAddress: Sendable, Hashable, CustomStringConvertible {
    /// `http://host:port`, and what comes before the version.
    let root: String
    /// With the version in front of `/chat/completions`, e.g. `http://host:8000/v1`.
    let base: String
    let isEncrypted: Bool
    /// The key would cross the network for everybody to read.
    package let isPlainAndRemote: Bool

    /// - Parameter text: `http(s)://host[:port]`, with or without `/v1` or another path that ends in a version.
    package init(_ text: String) throws(ChatFailure) {
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(), let host = url.host else {
            throw Self.wrong(text, "it is no URL")
        }
        guard scheme == "http" || scheme == "https" else {
            throw Self.wrong(text, "it begins with neither http:// nor https://")
        }
        guard !host.isEmpty else { throw Self.wrong(text, "it names no host") }
        guard url.user == nil, url.password == nil else {
            throw Self.wrong("", "it holds a user or a password. Give a key in its own file")
        }
        guard url.query == nil, url.fragment == nil else { throw Self.wrong("", "it has a part after ? or #") }
        var path = url.percentEncodedPath.split(separator: "/").map(String.init)
        if path.suffix(2) == ["chat", "completions"] { path.removeLast(2) }
        // Hosted servers have paths of their own, e.g. /v1beta/openai or /api/v3.
        let hasVersion = path.contains { $0.first == "v" && ($0.dropFirst().first?.isNumber ?? false) }
        let prefix = hasVersion && path.last?.first == "v" ? Array(path.dropLast()) : path
        let authority =
            "\(scheme)://\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host)\(url.port.map { ":\($0)" } ?? "")"
        root = ([authority] + prefix).joined(separator: "/")
        base = ([authority] + path + (hasVersion ? [] : ["v1"])).joined(separator: "/")
        isEncrypted = scheme == "https"
        isPlainAndRemote = scheme == "http" && !["localhost", "127.0.0.1", "::1", "[::1]"].contains(host)
    }

    package var description: String { base }

    private static func wrong(_ text: String, _ what: String) -> ChatFailure {
        ChatFailure(
            .badSetting,
            "\(text.isEmpty ? "the address" : text) is no address of a server: \(what). Write http://host:port/v1.",
            isPermanent: true)
    }
}
