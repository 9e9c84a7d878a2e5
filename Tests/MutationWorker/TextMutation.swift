/// Edits of text that know what its parts are: lines, indents, keys, values, numbers, brackets.
struct TextMutation {
    /// What may stand in the place of a value.
    var values: [String]
    /// Words with a place of their own, to be put anywhere.
    var words: [String]

    func mutate(_ text: String, _ random: inout RandomNumbers) -> String {
        var text = text
        for _ in 0..<random.number(1..<5) {
            text = random.chance(50) ? editLine(text, &random) : editToken(text, &random)
        }
        return text
    }

    private func editLine(_ text: String, _ random: inout RandomNumbers) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard !lines.isEmpty else { return random.pick(words) }
        let (at, to) = (random.number(0..<lines.count), random.number(0..<lines.count))
        switch random.number(0..<8) {
        case 0: lines.remove(at: at)
        case 1: lines.insert(lines[at], at: to)
        case 2: lines.swapAt(at, to)
        case 3: lines[at] = String(repeating: " ", count: random.number(0..<7)) + lines[at].drop { $0 == " " }
        case 4: lines[at] = "\t" + lines[at]
        case 5: lines[at] += random.pick(words)
        case 6:
            if let colon = lines[at].firstIndex(of: ":") { lines[at] = lines[at][...colon] + " " + random.pick(values) }
        default: lines.insert(random.pick(words), at: at)
        }
        return lines.joined(separator: "\n")
    }

    /// A run of letters and digits, or a single other character, is a token.
    private func editToken(_ text: String, _ random: inout RandomNumbers) -> String {
        var tokens: [String] = []
        for character in text {
            if character.isLetter || character.isNumber, tokens.last?.last.map({ $0.isLetter || $0.isNumber }) == true {
                tokens[tokens.count - 1].append(character)
            } else {
                tokens.append(String(character))
            }
        }
        guard !tokens.isEmpty else { return random.pick(words) }
        let (at, to) = (random.number(0..<tokens.count), random.number(0..<tokens.count))
        switch random.number(0..<6) {
        case 0: tokens.remove(at: at)
        case 1: tokens.insert(tokens[to], at: at)
        case 2: tokens.swapAt(at, to)
        case 3: tokens[at] = random.pick(values)
        case 4: tokens.insert(random.pick(words), at: at)
        default:
            // Numbers more often than chance would have them.
            let numbers = tokens.indices.filter { tokens[$0].allSatisfy(\.isNumber) }
            tokens[numbers.isEmpty ? at : random.pick(numbers)] = random.pick(Self.numbers)
        }
        return tokens.joined()
    }

    static let numbers = [
        "0", "-1", "1", "-0", "2147483648", "4294967296", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "18446744073709551616", "1e999", "-1e-999", "1.5", "0x10", "99999999999999999999999999",
        "NaN", "1_000", "007",
    ]
}
