import Checkpoints
import Foundation
import Models
import Tensors

/// The small files beside the tests.
enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](
            try Data(
                contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")))
    }

    static func torch(_ bytes: [UInt8]) throws -> [String: StoredValues] {
        try bytes.withUnsafeBytes { file in
            try TorchArchive(parsing: file).tensors.reduce(into: [:]) { $0[$1.key] = StoredValues($1, file) }
        }
    }

    static func safetensors(_ bytes: [UInt8]) throws -> [String: StoredValues] {
        try bytes.withUnsafeBytes { file in
            try SafetensorsHeader(parsing: file).tensors.reduce(into: [:]) { $0[$1.key] = StoredValues($1, file) }
        }
    }
}

/// A tensor with its elements as numbers.
struct StoredValues: Equatable {
    var type: String
    var shape: [Int]
    var values: [Double]

    init(_ type: String, _ shape: [Int], _ values: [Double]) {
        self.type = type
        self.shape = shape
        self.values = values
    }

    init(_ entry: TensorEntry, _ file: UnsafeRawBufferPointer) {
        func numbers<Number>(_: Number.Type, _ value: (Number) -> Double) -> [Double] {
            stride(from: entry.range.lowerBound, to: entry.range.upperBound, by: MemoryLayout<Number>.size).map {
                value(file.loadUnaligned(fromByteOffset: $0, as: Number.self))
            }
        }
        let values =
            switch entry.type.name {
            case "F32": numbers(Float.self) { Double($0) }
            case "F16": numbers(Float16.self) { Double($0) }
            case "BF16": numbers(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
            case "F64": numbers(Double.self) { $0 }
            case "I64": numbers(Int64.self) { Double($0) }
            case "I32": numbers(Int32.self) { Double($0) }
            case "U8", "BOOL": numbers(UInt8.self) { Double($0) }
            default: [Double]()
            }
        self.init(entry.type.name, entry.shape, values)
    }
}

/// A folder that goes away with its owner.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "videowire-checkpoint-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        try FileManager.default.createDirectory(
            atPath: URL(filePath: self(name)).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: self(name)))
    }
}
