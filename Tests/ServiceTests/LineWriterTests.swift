import Foundation
import Service
import Synchronization
import Testing

@Suite struct LineWriterTests {
    private let pipe = Pipe()

    private func writer(
        _ overflow: LineWriter.Overflow, capacity: Int,
        onClose: @escaping @Sendable (FileOutput.Failure?) -> Void = { _ in }
    ) throws -> LineWriter {
        // Opened anew by its path, so that the writer owns its end.
        let output = try FileOutput(path: "/dev/fd/\(pipe.fileHandleForWriting.fileDescriptor)")
        try pipe.fileHandleForWriting.close()
        return LineWriter(
            output: output, overflow: overflow, capacity: capacity, render: { $0 },
            announceLoss: { "lost \($0) to \($1)" }, onClose: onClose)
    }

    /// So long that a pipe, which holds 64 KiB, takes one of them and a part of the next.
    private func line(_ number: UInt64) -> String {
        "\(number) " + String(repeating: "x", count: 40_000)
    }

    private func numbers(_ data: Data) -> [String] {
        String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
            line.hasPrefix("lost") ? String(line) : String(line.prefix { $0 != " " })
        }
    }

    @Test func aSlowReaderOfALiveSourceIsToldWhatWasDropped() throws {
        var writer: LineWriter? = try writer(.dropOldest, capacity: 4)
        for number in 1...20 as ClosedRange<UInt64> { writer?.write(line(number), sequence: number) }
        // Nothing was read yet, and no write has blocked. What the writer had taken by then is there; the rest is told.
        let reading = Mutex(Data())
        let group = DispatchGroup()
        let handle = pipe.fileHandleForReading
        DispatchQueue.global().async(group: group) {
            let data = handle.readDataToEndOfFile()
            reading.withLock { $0 = data }
        }
        writer?.finish()
        writer = nil
        group.wait()
        // Each number is there or told as lost, in order; the writer may have taken some between two that were dropped.
        let seen = numbers(reading.withLock { $0 })
        let told = seen.flatMap { text -> [Int] in
            let ends = text.split(separator: " ").compactMap { Int($0) }
            return ends.first.map { Array($0...(ends.last ?? $0)) } ?? []
        }
        #expect(told == Array(1...20), "\(seen)")
        #expect(seen.contains { $0.hasPrefix("lost") } && seen.suffix(4) == ["17", "18", "19", "20"], "\(seen)")
    }

    @Test func aFileWaitsForItsReaderAndLosesNothing() throws {
        let writer = try writer(.wait, capacity: 4)
        let seen = Mutex<[String]>([])
        let handle = pipe.fileHandleForReading
        let group = DispatchGroup()
        let numbers = numbers
        DispatchQueue.global().async(group: group) {
            var data = Data()
            while data.count(where: { $0 == UInt8(ascii: "\n") }) < 50 { data += handle.availableData }
            seen.withLock { $0 = numbers(data) }
        }
        for number in 1...50 as ClosedRange<UInt64> { writer.write(line(number), sequence: number) }
        writer.finish()
        group.wait()
        #expect(seen.withLock { $0 } == (1...50).map { "\($0)" })
    }

    @Test func aReaderThatGoesReleasesTheSender() throws {
        ignoreBrokenPipes()
        let closed = Mutex(0)
        let writer = try writer(.wait, capacity: 2) { error in
            #expect(error == nil)
            closed.withLock { $0 += 1 }
        }
        try pipe.fileHandleForReading.close()
        for number in 1...100 as ClosedRange<UInt64> { writer.write(line(number), sequence: number) }
        writer.finish()
        #expect(closed.withLock { $0 } == 1)
    }

    @Test func aReaderThatDoesNotReadCanBeAbandoned() throws {
        let closed = Mutex(0)
        let writer = try writer(.wait, capacity: 2) { error in
            #expect(error == nil)
            closed.withLock { $0 += 1 }
        }
        // More than pipe and queue hold: the sender is stuck with the reader until both are given up.
        let group = DispatchGroup()
        let line = line
        DispatchQueue.global().async(group: group) {
            for number in 1...10 as ClosedRange<UInt64> { writer.write(line(number), sequence: number) }
        }
        #expect(group.wait(timeout: .now() + .milliseconds(50)) == .timedOut)
        writer.abandon()
        #expect(group.wait(timeout: .now() + .seconds(10)) == .success)
        writer.finish()
        #expect(closed.withLock { $0 } == 1)
    }
}
