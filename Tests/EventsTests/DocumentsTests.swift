import Events
import Foundation
import Glibc
import Media
import Testing

/// What docs/ promises: the schema, the samples and the consumer. Needs the Debian package python3-jsonschema.
@Suite struct DocumentsTests {
    private static let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs")

    private static let hasValidator = system("/usr/bin/python3 -c 'import jsonschema' 2>/dev/null") == 0

    /// The complaints of the schema about lines. Fields that it does not name are complaints here, so that none is
    /// forgotten in it.
    private func complaints(_ lines: [String]) throws -> String {
        let script = """
            import json, sys, jsonschema
            def close(node):
                if isinstance(node, dict):
                    if node.get("type") == "object" and "properties" in node: node["additionalProperties"] = False
                    for child in node.values(): close(child)
                elif isinstance(node, list):
                    for child in node: close(child)
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            close(schema)
            schema["properties"]["data"] = True
            check = jsonschema.Draft202012Validator(schema)
            for line in open(sys.argv[2], encoding="utf-8"):
                for error in check.iter_errors(json.loads(line)):
                    print(line[:120], error.json_path, error.message)
            """
        let folder = try TemporaryFolder()
        let schema = Self.docs.appendingPathComponent("events.schema.json").path
        try script.write(toFile: folder.file("check.py"), atomically: false, encoding: .utf8)
        try lines.map { $0 + "\n" }.joined().write(toFile: folder.file("in"), atomically: false, encoding: .utf8)
        let files = [folder.file("check.py"), "'\(schema)'", folder.file("in")].joined(separator: " ")
        let status = system("/usr/bin/python3 \(files) > \(folder.file("out")) 2>&1")
        let output = try String(contentsOfFile: folder.file("out"), encoding: .utf8)
        return status == 0 ? output : "status \(status): " + output
    }

    private func sample(_ name: String) throws -> [String] {
        let url = Self.docs.appendingPathComponent("samples/\(name).ndjson")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test func theEncoderWritesTheSamples() throws {
        var numbering = EventNumbering(epoch: "01KAJ5N1Q0V7Z8RWXK3M4P5T6S", newest: 41_230)
        let lines = Samples.durable.map { numbering.line(for: $0, time: Samples.span.newestArrival) }
        #expect(try sample("events") == lines)
    }

    @Test(.enabled(if: hasValidator, "python3-jsonschema is not installed"))
    func samplesFitTheSchema() throws {
        #expect(try complaints(sample("events")) == "")
        #expect(try complaints(sample("connection")) == "")
        let names = try (sample("events") + sample("connection")).compactMap { JSONValue($0)?["type"]?.string }
        #expect(Set(names) == Set(EventName.allCases.map(\.type)), "a sample of each")
    }

    @Test(.enabled(if: hasValidator, "python3-jsonschema is not installed"))
    func whatIsNotNumberedFitsTheSchema() async throws {
        let taker: QuestionTaker = { question throws(QuestionRefused) in
            if question.stream != "yard" { throw QuestionRefused("there is no stream \(question.stream)") }
            return "01KAJ5NB3M8T2V6X9Z1C4E7G5H"
        }
        try await withWire(onQuestion: taker) { wire in
            let lines = try await wire.client.withConnection { connection in
                try await connection.subscribe(SubscribeRequest(types: ["caption.*"]))
                // Its answer, a heartbeat, says that the subscription is there.
                var lines = [try #require(try await connection.next())]
                wire.hub.tell(
                    .captionPartial(
                        stream: "yard", session: 1, number: 2, revision: 3, text: "A van", language: "en",
                        trigger: "enter"))
                lines.append(try #require(try await connection.next()))
                for stream in ["yard", "attic"] {
                    try await connection.send(Question(stream: stream, text: "Who is there?").line)
                    lines.append(try #require(try await connection.next()))
                }
                return lines
            }
            let names: [EventName] = [.heartbeat, .captionPartial, .asked, .error]
            #expect(lines.compactMap { JSONValue($0)?["type"]?.string } == names.map(\.type))
            #expect(lines.last?.contains("there is no stream attic") == true)
            let wrong = try complaints(lines)
            #expect(wrong == "")
        }
    }

    @Test(.enabled(if: hasValidator, "python3-jsonschema is not installed"))
    func theSchemaRefusesWhatIsWrong() throws {
        let line = try #require(sample("events").first { $0.contains("clip.tokens") })
        for (from, to) in [
            ("\"sequence\":\"", "\"sequence\":\"0"), ("\"coverage\":0.93", "\"coverage\":1.5"),
            (",\"key\":{", ",\"clef\":{"),
            ("\"complete\":true", "\"complete\":1"), ("clip.tokens.v1", "clip.tokens.v9"),
            ("\"subject\":\"7/", "\"subject\":\"/"),
        ] {
            let wrong = line.replacingOccurrences(of: from, with: to)
            #expect(wrong != line)
            #expect(try complaints([wrong]) != "", "\(to)")
        }
    }

    @Test(.enabled(if: hasValidator, "python3-jsonschema is not installed"))
    func whatAServerSendsFitsTheSchema() async throws {
        try await withWire(settings: { $0.heartbeat = .milliseconds(50) }) { wire in
            for event in Samples.durable { wire.hub.publish(event) }
            wire.hub.publish(Samples.caption(text: String(repeating: "long ", count: 250_000)))
            let lines = try await wire.client.withConnection { connection in
                var lines = [connection.helloLine]
                try await connection.send("nonsense")
                try await connection.send(#"{"ping":[1,{"a":null}]}"#)
                try await connection.subscribe(SubscribeRequest(start: .after(epoch: "GONE", sequence: 1)))
                while let line = try await connection.next() {
                    lines.append(line)
                    let event = JSONValue(line)
                    if event?["data"]?["seq"]?.string.flatMap({ Int($0) }) == Samples.durable.count + 1 { break }
                }
                return lines
            }
            #expect(lines.contains { $0.contains("too-long") })
            let others: [EventName] = [.captionPartial, .asked]
            let names = EventName.allCases.filter { !others.contains($0) }
            #expect(Set(lines.compactMap { JSONValue($0)?["type"]?.string }) == Set(names.map(\.type)))
            #expect(Set(lines.compactMap { JSONValue($0)?["id"]?.string }).count == lines.count)
            let wrong = try complaints(lines)
            #expect(wrong == "")
        }
    }

    @Test(.enabled(if: system("/usr/bin/python3 -c ''") == 0, "python3 is not installed"))
    func theConsumerKeepsEveryEventOnceThoughKilled() async throws {
        try await withWire { wire in
            let file = wire.folder.file("kept.ndjson")
            func start() throws -> Process {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
                process.arguments = [Self.docs.appendingPathComponent("consumer.py").path, wire.path, file]
                try process.run()
                return process
            }
            func kept() -> [UInt64] {
                (try? String(contentsOfFile: file, encoding: .utf8))?.split(separator: "\n")
                    .compactMap { sequence(String($0)) } ?? []
            }
            var next = 1
            for round in 1...4 {
                let consumer = try start()
                // The first round begins live: publish until something has come.
                try await eventually {
                    wire.publish(next...next + 9)
                    next += 10
                    return kept().count > round * 50
                }
                wire.publish(next...next + 499)
                next += 500
                if round == 4 { try await eventually { kept().last == UInt64(next - 1) } }
                kill(consumer.processIdentifier, SIGKILL)
                consumer.waitUntilExit()
            }
            let numbers = kept()
            let first = try #require(numbers.first)
            #expect(numbers == Array(first...UInt64(next - 1)))
        }
    }
}
