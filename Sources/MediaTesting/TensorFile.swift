internal import Foundation

/// The tensors of a safetensors file of reference outputs, read without checks.
public struct TensorFile {
    private let data: Data
    private let content: Int
    private let ranges: [String: Range<Int>]

    public init(path: String) throws {
        data = try Data(contentsOf: URL(fileURLWithPath: path))
        let length = Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        content = 8 + length
        let header = try JSONDecoder().decode([String: Entry].self, from: data[8..<content])
        ranges = header.compactMapValues { entry in entry.data_offsets.map { $0[0]..<$0[1] } }
    }

    /// The elements of a tensor, row-major; empty where there is none of that name.
    public func elements<Value: BitwiseCopyable>(_ name: String, as type: Value.Type = Float.self) -> [Value] {
        guard let range = ranges[name] else { return [] }
        return data[content + range.lowerBound..<content + range.upperBound].withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: MemoryLayout<Value>.size).map {
                bytes.loadUnaligned(fromByteOffset: $0, as: type)
            }
        }
    }

    private struct Entry: Decodable {
        var data_offsets: [Int]?

        init(from decoder: any Decoder) throws {
            // `__metadata__` has other keys.
            let container = try decoder.container(keyedBy: Key.self)
            data_offsets = try container.decodeIfPresent([Int].self, forKey: .data_offsets)
        }

        enum Key: String, CodingKey {
            case data_offsets
        }
    }
}
