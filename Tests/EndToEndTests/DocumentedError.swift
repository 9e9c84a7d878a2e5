import Foundation
import Testing

/// A row of the tables in docs/errors.md: `| what went wrong | what is said | what follows | what to do |`.
struct DocumentedError {
    let name: String
    /// The fixed parts of what is said, in their order; `…` in the document stands for what varies.
    let parts: [String]
    /// An exit code, or the name of an event and what it holds.
    let outcome: String

    /// The exit code that the document promises.
    var status: Int32? { Int32(outcome.prefix { $0.isNumber }) }

    static func all() throws -> [DocumentedError] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/errors.md"), encoding: .utf8)
        return text.split(separator: "\n").compactMap { DocumentedError(row: String($0)) }
    }

    static func named(_ name: String) throws -> DocumentedError {
        try #require(try all().first { $0.name == name }, "docs/errors.md has no row \(name)")
    }

    private init?(row: String) {
        let cells = row.split(separator: "|", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        guard cells.count == 6, cells[1] != "what went wrong", !cells[1].hasPrefix("-") else { return nil }
        (name, outcome) = (cells[1], cells[3])
        // Every second piece between backticks is code.
        let code = cells[2].split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }
        parts = code.flatMap { $0.element.split(separator: "…") }.map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }

    /// Whether a text has all the parts, in their order.
    func isSaid(in text: String) -> Bool {
        var rest = text[...]
        for part in parts {
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }

    /// Expects that a program has ended as a row says.
    static func expect(_ name: String, _ result: Program.Result) throws {
        let row = try named(name)
        #expect(row.isSaid(in: result.errors), "\(name): \(result.errors)")
        #expect(result.status == row.status && !result.wasKilled, "\(name): status \(result.status), \(result.errors)")
    }
}

@Suite struct DocumentedErrorTests {
    /// A row that no test names may be wrong.
    @Test func everyRowIsTested() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let folders = [folder, folder.deletingLastPathComponent().appending(path: "CaptureTests")]
        let files = try folders.flatMap {
            try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
        }
        let tests = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let rows = try DocumentedError.all()
        #expect(rows.count > 40)
        for row in rows { #expect(tests.contains("\"\(row.name)\""), "no test names the row \(row.name)") }
        #expect(Set(rows.map(\.name)).count == rows.count)
    }
}
