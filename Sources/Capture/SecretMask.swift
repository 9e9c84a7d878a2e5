/// Takes out of texts what must not be told.
///
/// Three things become `…`: known secrets, the value of an RTSP or HTTP `Authorization` header, and in URLs the login and
/// the query. A known secret of six bytes or more is found anywhere; a shorter one, which would be found inside ordinary
/// words, only where neither a letter nor a digit goes on beside it.
package struct SecretMask: Sendable {
    private static let shortestFoundAnywhere = 6
    private static let mark = Array("…".utf8)

    /// By their first byte.
    private var secrets: [[[UInt8]]] = Array(repeating: [], count: 256)

    package init() {}

    /// The secret, also as gst_parse's language writes it: with a backslash before what is neither letter nor digit.
    package mutating func insert(_ secret: String) {
        let bytes = Array(secret.utf8)
        insert(bytes)
        insert(bytes.flatMap { $0.isWordByte ? [$0] : [UInt8(ascii: "\\"), $0] })
    }

    private mutating func insert(_ secret: [UInt8]) {
        guard let first = secret.first, !secrets[Int(first)].contains(secret) else { return }
        secrets[Int(first)].append(secret)
    }

    package func masked(_ text: String) -> String {
        let bytes = Self.withoutLoginAndQuery(Self.withoutAuthorization(withoutSecrets(Array(text.utf8))))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Where secrets overlap, all of them goes.
    private func withoutSecrets(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var copied = 0
        for start in text.indices {
            for secret in secrets[Int(text[start])] where Self.isThere(secret, in: text, at: start) {
                if start >= copied { result += text[copied..<start] + Self.mark }
                copied = max(copied, start + secret.count)
            }
        }
        return copied == 0 ? text : result + text[copied...]
    }

    private static func isThere(_ secret: [UInt8], in text: [UInt8], at start: Int) -> Bool {
        let end = start + secret.count
        guard end <= text.count, text[start..<end].elementsEqual(secret) else { return false }
        guard secret.count < shortestFoundAnywhere else { return true }
        let followsWord = start > 0 && text[start - 1].isWordByte && text[start].isWordByte
        let leadsWord = end < text.count && text[end - 1].isWordByte && text[end].isWordByte
        return !followsWord && !leadsWord
    }

    /// Nothing of a line after the word authorization.
    private static func withoutAuthorization(_ text: [UInt8]) -> [UInt8] {
        replacing(Array("authorization".utf8), in: text, foldingCase: true) { place in
            let end = text[place.upperBound...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
            return place.upperBound < end ? place.upperBound..<end : nil
        }
    }

    /// `scheme://login@host/path?query` without login and query; it ends at a space or a quotation mark.
    private static func withoutLoginAndQuery(_ text: [UInt8]) -> [UInt8] {
        let withoutLogin = replacing(Array("://".utf8), in: text) { place in
            let word = word(in: text, from: place.upperBound)
            return word.lastIndex(of: UInt8(ascii: "@")).flatMap { place.upperBound < $0 ? place.upperBound..<$0 : nil }
        }
        return replacing(Array("://".utf8), in: withoutLogin) { place in
            let word = word(in: withoutLogin, from: place.upperBound)
            return word.firstIndex(of: UInt8(ascii: "?")).map { $0..<word.endIndex }
        }
    }

    private static func word(in text: [UInt8], from start: Int) -> ArraySlice<UInt8> {
        text[start...].prefix { $0 > 0x20 && !"\"'<>`".utf8.contains($0) }
    }

    /// Gives each place of `pattern` to `choose`; what that returns, which lies there or behind, becomes `…`.
    private static func replacing(
        _ pattern: [UInt8], in text: [UInt8], foldingCase: Bool = false, _ choose: (Range<Int>) -> Range<Int>?
    ) -> [UInt8] {
        guard let first = pattern.first else { return text }
        let searched = foldingCase ? text.map { $0.isLetterOrDigit ? $0 | 0x20 : $0 } : text
        var result: [UInt8] = []
        var copied = 0
        var index = 0
        while index + pattern.count <= text.count {
            guard searched[index] == first, searched[index..<(index + pattern.count)].elementsEqual(pattern) else {
                index += 1
                continue
            }
            if let place = choose(index..<(index + pattern.count)) {
                result += text[copied..<place.lowerBound] + mark
                copied = place.upperBound
                index = copied
            } else {
                index += 1
            }
        }
        return copied == 0 ? text : result + text[copied...]
    }
}

extension UInt8 {
    /// Part of a word: a letter or a digit, or a byte of a character that is not ASCII.
    fileprivate var isWordByte: Bool { isLetterOrDigit || self >= 0x80 }
}
