/// Lengths of time and amounts of bytes as people write them: a number and a unit, e.g. `7d`, `1.5GB`.
package enum Quantity {
    struct Damage: Error, CustomStringConvertible {
        var description: String
    }

    private static let seconds: [(unit: String, factor: Double)] = [
        ("s", 1), ("m", 60), ("min", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800),
    ]
    private static let sizes: [(unit: String, factor: Double)] = [
        ("B", 1), ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("KiB", 1_024), ("MiB", 1_048_576),
        ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
    ]

    /// A time of a second to a century.
    /// - Throws: what is wrong, in words.
    package static func duration(_ text: String) throws -> Duration {
        guard let value = value(text, seconds), (1...3_155_760_000).contains(value) else {
            throw Damage(
                description: "\(text) is no length of time; write a number and s, m, h, d or w, e.g. 90s, 12h or 7d")
        }
        return .milliseconds(Int64((value * 1_000).rounded()))
    }

    /// An amount of bytes up to 1000 TB.
    /// - Throws: what is wrong, in words.
    package static func bytes(_ text: String) throws -> Int {
        guard let value = value(text, sizes), (1...1e15).contains(value) else {
            throw Damage(
                description: "\(text) is no amount of bytes; write a number and kB, MB, GB or TB, e.g. 500MB or 2GB")
        }
        return Int(value.rounded())
    }

    private static func value(_ text: String, _ units: [(unit: String, factor: Double)]) -> Double? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).drop { $0 == " " }
        guard number.first?.isNumber == true, let value = Double(number),
            let factor = units.first(where: { $0.unit == unit })?.factor
        else { return nil }
        return value * factor
    }
}
