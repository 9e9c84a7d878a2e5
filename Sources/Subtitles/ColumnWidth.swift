/// How many columns of a fixed grid characters take.
extension Character {
    /// 2 for wide characters (Unicode Standard Annex #11: East Asian Wide and Fullwidth, and emoji), 0 for what shows nothing,
    /// 1 for all others. Marks that combine with a character are part of it.
    var columns: Int {
        if unicodeScalars.allSatisfy({ $0.properties.isDefaultIgnorableCodePoint }) { return 0 }
        return unicodeScalars.contains { $0.isWide } ? 2 : 1
    }

    /// Chinese and Japanese text, which may be broken between any two characters (Unicode Standard Annex #14, class ID). Korean has
    /// spaces.
    var isIdeographic: Bool {
        guard let scalar = unicodeScalars.first?.value else { return false }
        return Self.ideographic.contains { $0 ~= scalar }
    }

    private static let ideographic: [ClosedRange<UInt32>] = [
        0x2E80...0x2FFF, 0x3001...0x30FF, 0x3105...0x312F, 0x31A0...0x4DBF, 0x4E00...0xA4CF, 0xF900...0xFAFF,
        0xFF01...0xFF60, 0x20000...0x3FFFD,
    ]
}

extension Unicode.Scalar {
    fileprivate var isWide: Bool {
        properties.isEmojiPresentation || value == 0xFE0F || Self.wide.contains { $0 ~= value }
    }

    /// EastAsianWidth.txt by blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF,
        0x1B000...0x1B2FF, 0x20000...0x3FFFD,
    ]
}

extension String {
    /// The columns of all characters.
    package var columns: Int { reduce(0) { $0 + $1.columns } }
}
