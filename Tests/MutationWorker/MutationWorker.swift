import Foundation
import Service

/// Feeds mutated inputs to the real code, one after the other:
///
///     MutationWorker KIND SEEDS SCRATCH SEED FIRST LAST
///
/// Inputs are counted; KIND, SEED, the files in the folder SEEDS and the number make the input. It lies in SCRATCH/input before
/// it is used. On standard output a line comes before each (`input N`), one for each answer that is wrong (`wrong N: …`),
/// and `done` at the end. A trap ends the process, a hang does not end: who started it sees both.
@main
struct MutationWorker {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 6, let seed = UInt64(arguments[3]), let first = Int(arguments[4]),
            let last = Int(arguments[5])
        else {
            printError("usage: MutationWorker media|settings|subscribe|decode|log SEEDS SCRATCH SEED FIRST LAST")
            exit(64)
        }
        ignoreBrokenPipes()
        let report = Report()
        do {
            let scratch = URL(fileURLWithPath: arguments[2])
            let subject = try await makeSubject(
                arguments[0], seeds: URL(fileURLWithPath: arguments[1]), scratch: scratch)
            for number in first..<last {
                var random = RandomNumbers(seed: seed &+ UInt64(number) &* 0x9E37_79B9)
                let input = subject.makeInput(&random)
                try Data(input).write(to: scratch.appendingPathComponent("input"))
                report.line("input \(number)")
                if let wrong = await subject.use(input, number: number) { report.line("wrong \(number): \(wrong)") }
            }
            report.line("done")
            // Pipelines that hang in their threads must not hold the end up.
            exit(0)
        } catch {
            printError("MutationWorker: \(error)")
            exit(1)
        }
    }

    private static func makeSubject(_ kind: String, seeds: URL, scratch: URL) async throws -> any Subject {
        switch kind {
        case "media": try MediaSubject(seeds: seeds, scratch: scratch)
        case "settings": try SettingsSubject(seeds: seeds, scratch: scratch)
        case "subscribe": try await SubscribeSubject(scratch: scratch)
        case "decode": try DecodeSubject(seeds: seeds, scratch: scratch)
        case "log": try await LogSubject(scratch: scratch)
        default: throw Failure(description: "unknown kind \(kind)")
        }
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }
}

/// What is fed.
protocol Subject: Sendable {
    func makeInput(_ random: inout RandomNumbers) -> [UInt8]

    /// Uses an input, which is also in the file `input`; nil where it worked or gave a proper error, else what was wrong.
    func use(_ input: [UInt8], number: Int) async -> String?
}

/// Lines on what was standard output when the process began: the code under test may have its own.
private struct Report {
    private let descriptor = dup(STDOUT_FILENO)

    func line(_ text: String) {
        let bytes = Array((text.replacing("\n", with: " ") + "\n").utf8)
        _ = write(descriptor, bytes, bytes.count)
    }
}

/// The files of a folder whose names begin with a word, in the order of their names.
func seedFiles(_ folder: URL, _ prefix: String) throws -> [[UInt8]] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix(prefix) }
        .sorted()
    guard !names.isEmpty else { throw MutationWorker.Failure(description: "no \(prefix)… in \(folder.path)") }
    return try names.map { [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))) }
}
