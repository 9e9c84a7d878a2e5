/// Keys of a stream that describe it, and what is kept of it.
extension Settings {
    private struct Unfit: Error, CustomStringConvertible {
        var description: String
    }

    static func description(from reader: inout SettingsReader) throws -> StreamDescription {
        var description = StreamDescription()
        description.title = try reader.string("title") { try checkLine($0, maximum: 100) }
        description.context = try reader.string("context") { try checkLine($0, maximum: 400) }
        description.language =
            try reader.string("language") { text in
                guard LanguageTag.isWellFormed(text) else {
                    throw Unfit(description: "\(text) is no language tag of BCP 47; write e.g. en, de or pt-BR")
                }
            } ?? description.language
        description.prompt = try reader.string("prompt") { text in
            guard text.utf8.count <= 8_000 else { throw Unfit(description: "a prompt has at most 8000 bytes") }
            _ = try PromptTemplate(text)
        }.map { try PromptTemplate($0) }
        return description
    }

    private static func checkLine(_ text: String, maximum: Int) throws {
        guard text.count <= maximum, !text.contains(where: \.isNewline) else {
            throw Unfit(description: "must be one line of at most \(maximum) characters")
        }
    }

    /// `keep_key_frames`: a mapping, `false` for none, nothing for what `other` says.
    static func readKeyPictures(
        from reader: inout SettingsReader, default other: KeyPictureLimits?
    ) throws -> KeyPictureLimits? {
        if reader.isFalse("keep_key_frames") { return nil }
        return try reader.section("keep_key_frames") { reader in
            let age = try reader.string("for") { _ = try Quantity.duration($0) }.map { try Quantity.duration($0) }
            let bytes = try reader.string("max") { _ = try Quantity.bytes($0) }.map { try Quantity.bytes($0) }
            guard age != nil || bytes != nil else { return other }
            var limits = other ?? KeyPictureLimits()
            limits.maximumAge = age ?? limits.maximumAge
            limits.maximumBytes = bytes ?? limits.maximumBytes
            return limits
        }
    }
}
