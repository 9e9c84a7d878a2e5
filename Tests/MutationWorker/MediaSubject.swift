import Events
import Foundation
import Service

/// Damaged video files through all of `videowire run`: capture, decoder, clips, tokens, captions.
struct MediaSubject: Subject {
    private let seeds: [[UInt8]]
    private let path: String
    private let output: Int32

    init(seeds: URL, scratch: URL) throws {
        self.seeds = try seedFiles(seeds, "media-")
        path = scratch.appendingPathComponent("input").path
        // Standard output becomes a file that is read and emptied after each run.
        output = open(scratch.appendingPathComponent("events").path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0o600)
        guard output >= 0, dup2(output, STDOUT_FILENO) >= 0 else {
            throw MutationWorker.Failure(description: "no output file")
        }
    }

    func makeInput(_ random: inout RandomNumbers) -> [UInt8] {
        ByteMutation.mutate(random.pick(seeds), others: seeds, &random)
    }

    func use(_ input: [UInt8], number: Int) async -> String? {
        let ways: [Settings.Stream.Motion] = [.auto, .auto, .codec, .reencode]
        let request = OneShot.Request(
            source: path, name: "m", motion: ways[number % ways.count], captions: true, json: true, transport: .tcp,
            pipelines: nil)
        do {
            try await OneShot.run(request)
        } catch {
            let status = ExitStatus(error)
            guard status == .unusableSource || status == .noInput, "\(error)".count > 20 else {
                return "unfit error \(error), status \(status.map { "\($0)" } ?? "none")"
            }
        }
        return wrongOutput()
    }

    /// Every line is an event, and their numbers go up by one from 1.
    private func wrongOutput() -> String? {
        let size = Int(lseek(output, 0, SEEK_END))
        defer { ftruncate(output, 0) }
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { $1 = max(pread(output, $0.baseAddress, size, 0), 0) }
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            let event = JSONValue(String(decoding: line, as: UTF8.self))
            guard event?["sequence"]?.string.flatMap({ Int($0) }) == index + 1 else {
                return "line \(index + 1) is no event: \(String(decoding: line.prefix(200), as: UTF8.self))"
            }
        }
        return size > 0 ? nil : "no event at all"
    }
}
