/// What captioners are told of a stream by its owner.
package struct StreamDescription: Sendable, Hashable {
    /// For people; the stream's name where there is none.
    package var title: String?
    /// One line of what the camera is and what it looks at, e.g. "back door, faces the yard".
    package var context: String?
    /// Language of the captions, BCP 47.
    package var language = "en"
    /// What the model is asked for, in place of the captioner's own words.
    package var prompt: PromptTemplate?

    package init() {}
}

/// A text with places that are filled in for each stream.
package struct PromptTemplate: Sendable, Hashable {
    /// A word in braces. `{{` and `}}` stand for braces.
    package enum Place: String, Sendable, Hashable, CaseIterable {
        case title, context, language
        /// What the model is to answer where there is nothing to say.
        case silence
    }

    struct Damage: Error, CustomStringConvertible {
        var description: String
    }

    private enum Part: Sendable, Hashable {
        case text(String)
        case place(Place)
    }

    private var parts: [Part] = []

    /// - Throws: what is wrong with it, in words.
    package init(_ text: String) throws {
        var rest = text[...]
        var plain = ""
        while let character = rest.popFirst() {
            if character == "{" || character == "}", rest.first == character {
                rest.removeFirst()
                plain.append(character)
            } else if character == "{" {
                guard let end = rest.firstIndex(of: "}"), let place = Place(rawValue: String(rest[..<end])) else {
                    let known = Place.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
                    throw Damage(
                        description:
                            "{\(rest.prefix { $0 != "}" }.prefix(20))} is no place to fill in; known are \(known). Write {{ for a brace"
                    )
                }
                parts += [.text(plain), .place(place)]
                plain = ""
                rest = rest[rest.index(after: end)...]
            } else if character == "}" {
                throw Damage(description: "a } without its {. Write }} for a brace")
            } else {
                plain.append(character)
            }
        }
        parts.append(.text(plain))
    }

    /// The text with its places filled in.
    package func text(filling value: (Place) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .place(let place): value(place)
            }
        }.joined()
    }
}

/// The syntax of BCP 47 (RFC 5646 §2.1), without the registry of its subtags.
enum LanguageTag {
    static func isWellFormed(_ text: String) -> Bool {
        let subtags = text.split(separator: "-", omittingEmptySubsequences: false)
        let areShort = subtags.allSatisfy { subtag in
            (1...8).contains(subtag.utf8.count) && subtag.utf8.allSatisfy { isLetter($0) || isDigit($0) }
        }
        guard areShort, let first = subtags.first, let last = subtags.last else { return false }
        // A single letter announces what follows it.
        return first.utf8.count >= 2 && first.utf8.allSatisfy(isLetter) && last.utf8.count >= 2
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
