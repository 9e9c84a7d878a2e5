import Foundation
import Media
import MediaTesting
import Testing
import Tokenization

/// docs/decode_tokens.py was written from docs/tokens.md alone: both decoders must see the same in the same ids.
@Suite struct DocumentedDecoderTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/decode_tokens.py").standardizedFileURL

    private static func python(_ arguments: [String], input: Data = Data()) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardError = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardInput = pipe
        try process.run()
        try pipe.fileHandleForWriting.write(contentsOf: input)
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private static let hasNumPy = (try? python(["-c", "import numpy"])) == 0

    @Test(.enabled(if: hasNumPy, "python3 with numpy is not installed"))
    func agreesWithTheSwiftDecoder() throws {
        var random = Generator(state: 5)
        let clips = [
            Made.clip { _, _, _ in .zero },
            Made.panWithObject(),
            Made.clip(picture: Made.disc(width: 17, height: 11)) { field, row, column in
                random.next() % 5 == 0 || field > 17
                    ? nil : SIMD2(random.float(in: -2500...2500), random.float(in: -50...50))
            },
            Made.clip { field, row, column in
                SIMD2(Float(column - 17 + field), Float(row - 9)) * (row > 14 && field % 3 == 0 ? -9 : 3)
            },
        ]
        let tokens = try clips.map { try ScalarTokenizer().encode($0) }
        let lines = tokens.map { #"{"data":{"key":{"ids":\#($0.key)},"motion":{"ids":\#($0.motion)}}}"# + "\n" }
        let folder = FileManager.default.temporaryDirectory.appending(path: "videowire-tokens-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let prefix = folder.appending(path: "clip").path
        let status = try Self.python([Self.script.path, prefix], input: Data(lines.joined().utf8))
        try #require(status == 0)
        for (index, tokens) in tokens.enumerated() {
            let decoded = try ScalarTokenizer().decode(tokens)
            try compareMotion(decoded.fields, URL(filePath: "\(prefix)-\(index).npy"))
            let picture = [UInt8](try Data(contentsOf: URL(filePath: "\(prefix)-\(index).ppm")))
            let thumbnail = try #require(decoded.thumbnail)
            let rgb = picture.suffix(thumbnail.rgb.count)
            #expect(zip(rgb, thumbnail.rgb).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        }
    }

    private func compareMotion(_ fields: [MotionField], _ file: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: file))
        let size = Clip.fieldCount * MotionField.cells * 3 * 4
        try #require(bytes.count > size)
        let values = bytes.suffix(size).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        for (number, field) in fields.enumerated() {
            for cell in 0..<MotionField.cells {
                let index = (number * MotionField.cells + cell) * 3
                #expect(abs(values[index] - field.velocity[cell].x) < 1e-5)
                #expect(abs(values[index + 1] - field.velocity[cell].y) < 1e-5)
                #expect(values[index + 2] == field.validity[cell])
            }
        }
    }
}
