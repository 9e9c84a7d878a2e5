import Foundation
import Service

/// Damaged token events through all of `videowire decode`.
struct DecodeSubject: Subject {
    private let lines: [[UInt8]]
    private let scratch: URL

    init(seeds: URL, scratch: URL) throws {
        lines = try seedFiles(seeds, "events-").flatMap { $0.split(separator: UInt8(ascii: "\n")).map { Array($0) } }
        self.scratch = scratch
    }

    func makeInput(_ random: inout RandomNumbers) -> [UInt8] {
        let line = random.pick(lines)
        if random.chance(30) { return ByteMutation.mutate(line, others: lines, &random) }
        return Array(Self.grammar.mutate(String(decoding: line, as: UTF8.self), &random).utf8)
    }

    func use(_ input: [UInt8], number: Int) async -> String? {
        let output = scratch.appendingPathComponent(number.isMultiple(of: 8) ? "out.mp4" : "out")
        defer { try? FileManager.default.removeItem(at: output) }
        do {
            try await TokenPictures.run(
                TokenPictures.Request(
                    events: scratch.appendingPathComponent("input").path, output: output.path, stream: nil))
            return nil
        } catch {
            return ExitStatus(error) == .unusableSource ? nil : "unfit error \(error)"
        }
    }

    private static let grammar = TextMutation(
        values: TextMutation.numbers + [
            "null", "\"x\"", "[]", "{}", "true", "[[]]", "[1,2,3]", "\"scalar-v1\"", "4095", "2047", "\"",
        ],
        words: [
            ",", ":", "{", "}", "[", "]", "\"", "\\", "\\u0000", "\\uD800", "null", "1,", "2042,", "2047,", "4095,",
            "-1,", "\n",
            String(repeating: "[", count: 10_000), String(repeating: "7,", count: 5_000), "\"stream\":\"../../x\",",
            "\"stream\":\"" + String(repeating: "n", count: 300) + "\",",
        ])
}
