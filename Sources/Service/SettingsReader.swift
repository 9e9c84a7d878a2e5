internal import Capture
internal import Glibc
internal import Media
internal import Yams

/// What is wrong with a configuration, and where.
public struct SettingsError: Error, CustomStringConvertible, Sendable {
    public var description: String

    init(_ description: String) {
        // A key or a value in the wrong place may be an address.
        self.description = Secrets.masked(description)
    }
}

/// A YAML mapping that is read key by key. Every key can be overridden by an environment variable; keys that nobody asked
/// for are errors with their line.
struct SettingsReader {
    /// One value and where it stands, for error messages.
    private struct Entry {
        var node: Node
        var place: String
    }

    private let file: String
    private let path: [String]
    private let environment: [String: String]
    private var entries: [String: Entry] = [:]
    private var known: Set<String> = []
    /// The environment variables that were looked for.
    private var variables: Set<String> = []

    /// - Throws: `SettingsError` for text that is no YAML mapping, or that names a key twice.
    init(yaml: String, file: String, environment: [String: String]) throws {
        let node: Node?
        do {
            node = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw SettingsError(error, in: yaml, file: file)
        }
        try self.init(node: node, place: file, file: file, path: [], environment: environment)
    }

    private init(node: Node?, place: String, file: String, path: [String], environment: [String: String]) throws {
        self.file = file
        self.path = path
        self.environment = environment
        guard let node, node.null == nil else { return }
        guard let mapping = node.mapping else {
            throw SettingsError(
                "\(place): \(path.isEmpty ? "the file" : path.joined(separator: ".")) must be a mapping of keys")
        }
        for (key, value) in mapping {
            guard let name = key.string else {
                throw SettingsError("\(Self.place(of: key, in: file)): a key must be a word")
            }
            entries[name] = Entry(node: value, place: Self.place(of: key, in: file))
        }
    }

    private static func place(of node: Node, in file: String) -> String {
        node.mark.map { "\(file):\($0.line)" } ?? file
    }

    private func dotted(_ key: String) -> String { (path + [key]).joined(separator: ".") }

    /// `socket.path` is `VIDEOWIRE_SOCKET_PATH`.
    private static func variable(_ path: [String]) -> String {
        "VIDEOWIRE_"
            + path.map { String($0.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }) }.joined(separator: "_")
    }

    private mutating func entry(_ key: String) -> Entry? {
        known.insert(key)
        let variable = Self.variable(path + [key])
        variables.insert(variable)
        if let text = environment[variable] {
            return Entry(node: Node(text), place: "environment variable \(variable)")
        }
        guard let entry = entries[key], entry.node.null == nil else { return nil }
        return entry
    }

    private func wrong(_ key: String, _ entry: Entry, wants what: String) -> SettingsError {
        SettingsError("\(entry.place): \(dotted(key)) must be \(what)")
    }

    /// Whether a key has a word, or its environment variable has, rather than a mapping.
    mutating func isWord(_ key: String) -> Bool { entry(key)?.node.scalar != nil }

    mutating func string(_ key: String) throws -> String? {
        guard let entry = entry(key) else { return nil }
        guard let text = entry.node.scalar?.string, !text.isEmpty else { throw wrong(key, entry, wants: "a text") }
        return text
    }

    /// A text that `check` takes; what it throws must hold no secrets.
    mutating func string(_ key: String, _ check: (String) throws -> Void) throws -> String? {
        guard let text = try string(key) else { return nil }
        do {
            try check(text)
        } catch {
            throw SettingsError("\(entry(key)?.place ?? file): \(dotted(key)): \(error)")
        }
        return text
    }

    /// The path of a folder that is there.
    mutating func folder(_ key: String) throws -> String? {
        guard let entry = entry(key), let path = try string(key) else { return nil }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw wrong(key, entry, wants: "a folder that exists; \(path) is none")
        }
        return path
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let entry = entry(key) else { return nil }
        guard let value = entry.node.scalar.flatMap({ Int($0.string) }), range.contains(value) else {
            throw wrong(key, entry, wants: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    mutating func boolean(_ key: String) throws -> Bool? {
        guard let entry = entry(key) else { return nil }
        switch entry.node.scalar?.string {
        case "true": return true
        case "false": return false
        default: throw wrong(key, entry, wants: "true or false")
        }
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(_ key: String, of: Value.Type) throws -> Value?
    where Value.RawValue == String {
        guard let entry = entry(key) else { return nil }
        guard let value = entry.node.scalar.flatMap({ Value(rawValue: $0.string) }) else {
            throw wrong(key, entry, wants: "one of: " + Value.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return value
    }

    /// A list of whole numbers; in an environment variable, separated by commas.
    mutating func integers(_ key: String, in range: ClosedRange<Int>) throws -> [Int]? {
        guard let entry = entry(key) else { return nil }
        let texts: [String?]
        if let sequence = entry.node.sequence {
            texts = sequence.map { $0.scalar?.string }
        } else {
            texts = entry.node.scalar.map { $0.string.split(separator: ",").map { String($0) } } ?? [nil]
        }
        return try texts.map { text in
            guard let value = text.flatMap({ Int($0) }), range.contains(value) else {
                throw wrong(
                    key, entry, wants: "a list of whole numbers from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
    }

    /// A list of rectangles, each a list of four fractions of the picture; in an environment variable all numbers in a row.
    mutating func rectangles(_ key: String) throws -> [PictureRectangle]? {
        guard let entry = entry(key) else { return nil }
        let what = "a list of rectangles, each [x, y, width, height] in fractions of the picture from 0 to 1"
        let nodes: [Node]
        if let sequence = entry.node.sequence {
            nodes = Array(sequence)
        } else {
            let numbers = entry.node.scalar?.string.split(separator: ",").map { Node(String($0)) } ?? []
            guard !numbers.isEmpty, numbers.count % 4 == 0 else { throw wrong(key, entry, wants: what) }
            nodes = stride(from: 0, to: numbers.count, by: 4).map { Node(Array(numbers[$0..<$0 + 4])) }
        }
        guard nodes.count <= Self.maximumRectangles else {
            throw wrong(key, entry, wants: "a list of at most \(Self.maximumRectangles) rectangles")
        }
        return try nodes.map { node in
            let place = node.mark == nil ? entry.place : Self.place(of: node, in: file)
            let numbers = node.sequence?.map { $0.scalar.flatMap { Double($0.string) } }.compactMap(\.self) ?? []
            guard node.sequence?.count == 4, numbers.count == 4, numbers.allSatisfy({ (0...1).contains($0) }) else {
                throw SettingsError("\(place): \(dotted(key)) must be \(what)")
            }
            guard let rectangle = PictureRectangle(fractions: numbers) else {
                throw SettingsError(
                    "\(place): \(dotted(key)): the rectangle \(numbers) has no area, or reaches beyond the picture; "
                        + "write [x, y, width, height] with x + width and y + height up to 1")
            }
            return rectangle
        }
    }

    private static let maximumRectangles = 64

    /// Whether there is `false` in a mapping's place.
    mutating func isFalse(_ key: String) -> Bool {
        entry(key)?.node.scalar?.string == "false"
    }

    /// Reads the mapping below `key` (empty where the key is absent) and checks it for unknown keys.
    mutating func section<Value>(_ key: String, _ read: (inout SettingsReader) throws -> Value) throws -> Value {
        known.insert(key)
        let entry = entries[key]
        var reader = try SettingsReader(
            node: entry?.node, place: entry?.place ?? file, file: file, path: path + [key], environment: environment)
        let value = try read(&reader)
        try reader.finish()
        variables.formUnion(reader.variables)
        return value
    }

    /// Reads a mapping of free names to mappings, in the order of the names.
    mutating func sections<Value>(
        _ key: String, _ read: (_ name: String, _ place: String, inout SettingsReader) throws -> Value
    ) throws -> [Value] {
        try section(key) { reader in
            try reader.entries.sorted { $0.key < $1.key }.map { name, entry in
                try reader.section(name) { try read(name, entry.place, &$0) }
            }
        }
    }

    /// - Throws: `SettingsError` for the first key, in the order of the file, that nobody asked for.
    func finish() throws {
        let unknown = entries.filter { !known.contains($0.key) }
        guard let (name, entry) = unknown.min(by: { ($0.value.node.mark?.line ?? 0) < ($1.value.node.mark?.line ?? 0) })
        else { return }
        let options = known.sorted().joined(separator: ", ")
        throw SettingsError("\(entry.place): unknown key \(dotted(name)); known here: \(options)")
    }

    /// Called when everything was read.
    ///
    /// - Parameter others: variables that other parts of the programs know.
    /// - Throws: `SettingsError` for the first variable, in the order of the alphabet, that begins with `VIDEOWIRE_` and that
    ///   nobody asked for.
    func finishEnvironment(others: Set<String>) throws {
        let known = variables.union(others)
        let unknown = environment.keys.filter { $0.hasPrefix("VIDEOWIRE_") && !known.contains($0) }
        guard let name = unknown.min() else { return }
        let nearest = known.sorted().min { $0.distance(to: name) < $1.distance(to: name) }
        throw SettingsError(
            "environment variable \(name): unknown; the nearest that is known is \(nearest ?? "none"). "
                + "Each key of the configuration has one: socket.path is VIDEOWIRE_SOCKET_PATH")
    }
}

extension String {
    /// Levenshtein's edit distance: letters to insert, delete or replace.
    fileprivate func distance(to other: String) -> Int {
        let (from, to) = (Array(utf8), Array(other.utf8))
        var row = Array(0...to.count)
        for (i, letter) in from.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in to.indices {
                let replaced = diagonal + (to[j] == letter ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(replaced, diagonal + 1, row[j] + 1)
            }
        }
        return row[to.count]
    }
}

extension SettingsError {
    /// `file:line:column: problem`; of a key that is there twice, the line of the second.
    fileprivate init(_ error: YamlError, in yaml: String, file: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let context = context.map { " (\($0.text), line \($0.mark.line))" } ?? ""
            self.init("\(file):\(mark.line):\(mark.column): \(problem)\(context); this is no YAML")
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let line = Self.secondLine(of: key, first: context.mark, in: yaml)
            self.init("\(file):\(line): the key \(key) is there twice; leave one out")
        case .reader(let problem, let offset, _, _):
            let line = yaml.prefix(offset ?? 0).count { $0.isNewline } + 1
            self.init("\(file):\(line): \(problem); the file must be text in UTF-8")
        default:
            self.init("\(file): \(error)")
        }
    }

    /// The next line that has the key in the same column; the first one's where there is none (a mapping in braces).
    private static func secondLine(of key: String, first: Mark, in yaml: String) -> Int {
        let lines = yaml.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let next = lines.indices.dropFirst(first.line).first { index in
            let line = lines[index].dropFirst(first.column - 1)
            return lines[index].prefix(first.column - 1).allSatisfy { $0 == " " } && line.hasPrefix(key)
                && line.dropFirst(key.count).drop { $0 == " " }.hasPrefix(":")
        }
        return next.map { $0 + 1 } ?? first.line
    }
}
