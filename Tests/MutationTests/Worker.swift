import Foundation

/// Runs the program `MutationWorker` over a range of inputs, and anew behind an input that ends it.
struct Worker {
    struct Finding: CustomStringConvertible {
        var kind: String
        var seed: UInt64
        var number: Int
        var problem: String
        /// A copy of the input.
        var file: String

        var description: String {
            "\(kind) input \(number) of seed \(seed): \(problem)\nThe input is kept in \(file); "
                + "again: .build/release/MutationWorker \(kind) SEEDS SCRATCH \(seed) \(number) \(number + 1)"
        }
    }

    /// An input that takes longer hangs. Machines that test are busy.
    private static let limit = 45.0

    let kind: String
    let seeds: String
    let seed: UInt64

    /// The number of inputs that were used, and what was wrong with some.
    func run(_ range: Range<Int>) async -> (count: Int, findings: [Finding]) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: runAll(range)) }
        }
    }

    private func runAll(_ range: Range<Int>) -> (count: Int, findings: [Finding]) {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(
            "videowire-mutation-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        var findings: [Finding] = []
        var next = range.lowerBound
        while next < range.upperBound {
            do {
                try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
                let outcome = try runOnce(next..<range.upperBound, scratch)
                findings += outcome.findings
                next = outcome.next
            } catch {
                findings.append(finding(next, "the worker cannot be started: \(error)", scratch))
                break
            }
        }
        return (next - range.lowerBound, findings)
    }

    /// One process, up to the end of the range or to an input that ends it.
    private func runOnce(_ range: Range<Int>, _ scratch: URL) throws -> (next: Int, findings: [Finding]) {
        let process = Process()
        let binaries = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        process.executableURL = binaries.appendingPathComponent("MutationWorker")
        process.arguments = [kind, seeds, scratch.path, "\(seed)", "\(range.lowerBound)", "\(range.upperBound)"]
        let words = scratch.appendingPathComponent("stderr")
        try Data().write(to: words)
        let (output, errors) = (Pipe(), try FileHandle(forWritingTo: words))
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        defer { try? errors.close() }

        var findings: [Finding] = []
        var current: Int?
        var isDone = false
        let lines = TimedLines(output.fileHandleForReading.fileDescriptor, limit: Self.limit)
        while !isDone, let line = lines.next() {
            let parts = line.split(separator: " ", maxSplits: 1)
            switch parts.first {
            case "input": current = parts.last.flatMap { Int($0) }
            case "wrong": findings.append(finding(current ?? range.lowerBound, String(parts.last ?? ""), scratch))
            default: isDone = line == "done"
            }
        }
        if lines.isLate { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        if isDone { return (range.upperBound, findings) }
        let last = (try? String(contentsOf: words, encoding: .utf8))?.suffix(1_500) ?? ""
        let problem =
            lines.isLate
            ? "no answer in \(Self.limit) s"
            : "ended with \(process.terminationReason == .exit ? "status" : "signal") \(process.terminationStatus)"
        findings.append(finding(current ?? range.lowerBound, "\(problem)\n\(last)", scratch))
        return ((current ?? range.upperBound) + 1, findings)
    }

    private func finding(_ number: Int, _ problem: String, _ scratch: URL) -> Finding {
        let name = "videowire-finding-\(kind)-\(seed)-\(number)"
        let kept = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try? FileManager.default.removeItem(at: kept)
        try? FileManager.default.copyItem(at: scratch.appendingPathComponent("input"), to: kept)
        return Finding(kind: kind, seed: seed, number: number, problem: problem, file: kept.path)
    }
}

/// Lines of a pipe, none of which may come late.
private final class TimedLines {
    private let descriptor: Int32
    private let limit: Double
    private var rest: [UInt8] = []
    private(set) var isLate = false

    init(_ descriptor: Int32, limit: Double) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// Nil at the end, and where no line comes in time.
    func next() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest.removeSubrange(...end) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&request, 1, Int32(limit * 1_000))
            if ready < 0, errno == EINTR { continue }
            isLate = ready == 0
            let count = ready > 0 ? read(descriptor, &buffer, buffer.count) : 0
            guard count > 0 else { return nil }
            rest += buffer[..<count]
        }
    }
}
