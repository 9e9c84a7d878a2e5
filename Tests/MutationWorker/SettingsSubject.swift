import Foundation
import Service

/// Configurations: real ones and made ones, edited and damaged.
struct SettingsSubject: Subject {
    private let seeds: [[UInt8]]
    private let path: String

    init(seeds: URL, scratch: URL) throws {
        self.seeds = try seedFiles(seeds, "settings-")
        path = scratch.appendingPathComponent("input").path
    }

    func makeInput(_ random: inout RandomNumbers) -> [UInt8] {
        let seed = random.pick(seeds)
        if random.chance(30) { return ByteMutation.mutate(seed, others: seeds, &random) }
        return Array(Self.grammar.mutate(String(decoding: seed, as: UTF8.self), &random).utf8)
    }

    func use(_ input: [UInt8], number: Int) async -> String? {
        var random = RandomNumbers(seed: UInt64(number))
        do {
            _ = try Settings(path: path, environment: environment(&random))
            return nil
        } catch let error as SettingsError {
            let text = error.description
            let isPlaced = text.hasPrefix(path) || text.hasPrefix("environment variable VIDEOWIRE_")
            return isPlaced ? nil : "unfit error \(text.prefix(300))"
        } catch {
            return "another error: \(error)"
        }
    }

    private func environment(_ random: inout RandomNumbers) -> [String: String] {
        guard random.chance(20) else { return [:] }
        let name = random.pick([
            "VIDEOWIRE_SOCKET_PATH", "VIDEOWIRE_LOG_KEEP_DAYS", "VIDEOWIRE_STREAMS_FRONT_DOOR_CAPTIONS",
            "VIDEOWIRE_SOCKET_ALLOWED_USERS", "VIDEOWIRE_LOG_LEVEL", "VIDEOWIRE_", "VIDEOWIRE_PIPELINES", "HOME",
        ])
        return [Self.grammar.mutate(name, &random): random.pick(Self.grammar.values + TextMutation.numbers)]
    }

    private static let grammar = TextMutation(
        values: [
            "", "~", "null", "true", "no", "[", "]", "[1, [2, [3]]]", "{", "{a: b}", "{a: b, a: c}", "\"", "'it''s",
            "\"\\x\"",
            "!!binary aGVsbG8=", "!!int x", "!!set {a, b}", "&a [*a]", "*nowhere", "&a b", "*a", "|", ">-", "%YAML 9.9",
            "@", "`",
            "2026-11-21", "0o17", ".inf", "\u{0}", "\u{FEFF}", "\u{1F3A5}", "rtsp://", "rtsp://u:p@h:99999/x",
            "rtsp://[::1", "http://x", "file://", "/", "..", "-", "- a", "? b", ": c", "<<: *a", "\u{85}",
            "\u{2028}x: y",
            String(repeating: "x", count: 70_000), String(repeating: "[", count: 3_000),
            String(repeating: "{a: ", count: 3_000), String(repeating: "- ", count: 3_000),
        ],
        words: [
            "streams:", "socket:", "  path: x", "a: &a [x, x]", "b: &b [*a, *a, *a, *a]", "c: &c [*b, *b, *b, *b]",
            "? [*a, *b]", "? *c", "<<: *a", "---", "...", "# remark", ":", "- ", "{}", "[]", "&", "*", "!", "|", "\r",
            "\t", "\u{0}",
            "log_level: loud", "  front-door: {source: x}", "\"a\\u0000b\": c", "? ", "? a\n: b", "''",
        ])
}
