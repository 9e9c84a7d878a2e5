import Subtitles

/// Random numbers that are the same on every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Texts of all kinds.
enum MadeText {
    private static let words = [
        "a", "I", "the", "region", "enters", "from", "the", "left", "and", "moves", "right,", "slowly", "(19", "%",
        "of",
        "width)", "second.", "Überraschungsgäste", "naïve", "e\u{301}te\u{301}", "e\u{301}\u{302}\u{303}", "l’homme",
        "!", "?", "«",
        "»", "10\u{A0}km", "van—white", "R&D", "<i>", "-->", "{\\an8}", "👩‍👩‍👧‍👦", "🚗", "ⓘ", "שלום", "مرحبا", "नमस्ते", "한국어",
        "문장",
        "http://camera.example/streams/front-door/2026-11-21/clip-0001.mp4?token=none", "x\u{200B}y",
        "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle",
        "白い車が左から入り、ゆっくり右へ動く。", "画面左侧有一辆白色汽车驶入。", "\n", "\t", "\u{7}",
    ]

    static func random(_ numbers: inout SeededNumbers, words count: Int) -> String {
        (0..<count).map { _ in words.randomElement(using: &numbers) ?? "" }.joined(separator: " ")
    }

    /// A text's characters without spaces and what shows nothing.
    static func ink(_ text: String) -> String {
        text.filter { character in
            !character.isWhitespace
                && !character.unicodeScalars.allSatisfy {
                    $0.properties.generalCategory == .control || $0.properties.isDefaultIgnorableCodePoint
                }
        }
    }
}
