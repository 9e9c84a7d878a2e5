/// What of a model's content is meant to be read: everything but its thinking.
///
/// Some servers leave a thinking model's `<think>…</think>` in the content, and where the chat template has written the
/// opening tag, only the closing one comes.
package enum VisibleText {
    private static let opening = Array("<think>".utf8)
    private static let closing = Array("</think>".utf8)

    /// - Parameters:
    ///   - content: as it came so far.
    ///   - isWhole: nothing more comes; until then an end that may become a tag is held back.
    /// - Returns: without white space around it, and without control characters but newlines.
    package static func of(_ content: [UInt8], isWhole: Bool) -> String {
        var visible: [UInt8] = []
        var rest = content[...]
        while let tag = firstTag(in: rest) {
            switch tag.kind {
            case .closing:
                // What stands before it was thought, whether or not its beginning was marked.
                visible = []
                rest = rest[tag.end...]
            case .opening:
                visible += rest[..<tag.start]
                guard let end = firstTag(in: rest[tag.end...], kind: .closing) else {
                    rest = rest[rest.endIndex...]
                    break
                }
                rest = rest[end.end...]
            }
        }
        visible += isWhole ? rest : rest.dropLast(heldBack(rest))
        return withoutControls(String(decoding: visible, as: UTF8.self)).trimmed
    }

    /// Captions are shown in terminals, too: a model must not move their cursor.
    private static func withoutControls(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(text.unicodeScalars.map { isControl($0) ? " " : Character($0) })
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control && scalar != "\n"
    }

    private enum Kind { case opening, closing }

    private static func firstTag(in bytes: ArraySlice<UInt8>, kind: Kind? = nil) -> (kind: Kind, start: Int, end: Int)?
    {
        for start in bytes.indices where bytes[start] == UInt8(ascii: "<") {
            if kind != .closing, bytes[start...].starts(with: opening) {
                return (.opening, start, start + opening.count)
            }
            if kind != .opening, bytes[start...].starts(with: closing) {
                return (.closing, start, start + closing.count)
            }
        }
        return nil
    }

    /// How many bytes at the end may be the beginning of a tag, or of a character.
    private static func heldBack(_ bytes: ArraySlice<UInt8>) -> Int {
        for count in stride(from: min(bytes.count, closing.count - 1), to: 0, by: -1) {
            let end = bytes.suffix(count)
            if opening.starts(with: end) || closing.starts(with: end) { return count }
        }
        let continuing = bytes.reversed().prefix { $0 & 0xC0 == 0x80 }.count
        guard continuing < 4, let lead = bytes.dropLast(continuing).last, lead >= 0xC0 else { return 0 }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        return continuing + 1 < length ? continuing + 1 : 0
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else {
            return ""
        }
        return String(self[first...last])
    }
}
