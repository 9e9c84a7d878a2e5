import Foundation
import Synchronization

/// A spawned program whose standard output is read line by line.
final class Program: Sendable {
    struct Result {
        var status: Int32
        /// Ended by a signal rather than by itself.
        var wasKilled: Bool
        var lines: [String]
        var errors: String
    }

    private struct Output {
        var lines: [String] = []
        var rest: [UInt8] = []
        var isClosed = false
    }

    private let process = Process()
    private let output = Mutex(Output())
    private let errorBytes = Mutex(Data())
    private let readers = DispatchGroup()

    /// The folder of the release binaries: that of the test bundle.
    static let binaries = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// - Parameter readsOutput: false leaves standard output unread, for tests of slow readers.
    init(_ name: String, _ arguments: [String], environment: [String: String] = [:], readsOutput: Bool = true) throws {
        let found = Self.binaries.appending(path: name)
        let isOurs = FileManager.default.isExecutableFile(atPath: found.path)
        process.executableURL = isOurs ? found : URL(filePath: "/usr/bin/env")
        process.arguments = (isOurs ? [] : [name]) + arguments
        // The daemon takes no variable for its own that it does not know.
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("VIDEOWIRE_") }
        process.environment = inherited.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let (out, err) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = err
        outHandle = out.fileHandleForReading
        try process.run()
        if readsOutput { startReading() }
        read(err.fileHandleForReading) { [self] data in errorBytes.withLock { $0.append(data) } }
    }

    private let outHandle: FileHandle

    var pid: Int32 { process.processIdentifier }

    /// Waits until as much as a pipe holds has been written to the unread standard output; false where that takes too long.
    func fillsPipe(upTo limit: Duration = .seconds(15)) async -> Bool {
        let end = ContinuousClock.now + limit
        var unread: Int32 = 0
        while ContinuousClock.now < end {
            _ = ioctl(outHandle.fileDescriptor, UInt(FIONREAD), &unread)
            // 64 KiB by default (pipe(7)), less what stays empty in pages that a long write did not fit into.
            if unread > 48_000 { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// Begins to read standard output, where that was put off.
    func startReading() {
        read(outHandle) { [self] data in
            output.withLock { output in
                output.rest += data
                while let end = output.rest.firstIndex(of: UInt8(ascii: "\n")) {
                    output.lines.append(String(decoding: output.rest[..<end], as: UTF8.self))
                    output.rest.removeSubrange(...end)
                }
            }
        } onEnd: { [self] in
            output.withLock { $0.isClosed = true }
        }
    }

    private func read(
        _ handle: FileHandle, _ take: @escaping @Sendable (Data) -> Void, onEnd: @escaping @Sendable () -> Void = {}
    ) {
        readers.enter()
        let descriptor = handle.fileDescriptor
        let readers = readers
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                if count <= 0 { break }
                take(Data(buffer[..<count]))
            }
            onEnd()
            withExtendedLifetime(handle) { readers.leave() }
        }
    }

    func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// The lines so far.
    var lines: [String] { output.withLock { $0.lines } }

    /// What was written to standard error so far.
    var errors: String { String(decoding: errorBytes.withLock { $0 }, as: UTF8.self) }

    /// Waits until standard error satisfies a condition; false when the limit passes first.
    func waitForErrors(upTo limit: Duration = .seconds(15), until condition: (String) -> Bool) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if condition(errors) { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// Waits until the lines satisfy a condition, or the output has ended; false when the limit passes first.
    func wait(upTo limit: Duration = .seconds(15), until condition: ([String]) -> Bool) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            let (lines, isClosed) = output.withLock { ($0.lines, $0.isClosed) }
            if condition(lines) { return true }
            if isClosed { return condition(output.withLock { $0.lines }) }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// Waits for the program's end; kills it when the limit passes first.
    func finish(upTo limit: Duration = .seconds(18)) async -> Result {
        let end = ContinuousClock.now + limit
        while process.isRunning, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(5)) }
        if process.isRunning { kill(pid, SIGKILL) }
        process.waitUntilExit()
        let readers = readers
        await withCheckedContinuation { continuation in
            readers.notify(queue: .global()) { continuation.resume() }
        }
        return Result(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal, lines: lines,
            errors: errors)
    }

    /// Runs a program to its end.
    static func run(_ name: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> Result {
        try await Program(name, arguments, environment: environment).finish()
    }
}

/// A JSON line.
struct EventLine {
    let object: [String: Any]

    init?(_ line: String) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            return nil
        }
        self.object = object
    }

    /// e.g. `clip.tokens`.
    var name: String {
        let parts = (object["type"] as? String ?? "").split(separator: ".")
        return parts.dropFirst(2).dropLast().joined(separator: ".")
    }

    var sequence: Int? { (object["sequence"] as? String).flatMap { Int($0) } }
    var epoch: String? { object["epoch"] as? String }
    var data: [String: Any] { object["data"] as? [String: Any] ?? [:] }

    /// A field of the data by its path.
    func value(_ path: String...) -> Any? {
        path.reduce(data as Any?) { ($0 as? [String: Any])?[$1] }
    }

    /// The data as canonical JSON, without what differs from run to run.
    var comparable: String {
        var data = data
        data["latency_ms"] = nil
        let bytes = try? JSONSerialization.data(withJSONObject: data, options: [.sortedKeys])
        return bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    static func all(_ lines: [String], named name: String) -> [EventLine] {
        lines.compactMap { EventLine($0) }.filter { $0.name == name }
    }
}
