import Foundation
import Media
import MediaTesting

/// What an independent extractor reports for a clip: a safetensors file with the vectors of all pictures in display order.
struct VectorFixture {
    /// Ten numbers a vector: source, width, height, source x and y, destination x and y, motion x and y, scale.
    private let vectors: [Int32]
    private let offsets: [Int64]
    let types: [UInt8]

    init(clip: String) throws {
        let file = SharedFolder.path("fixtures/motion-vectors/\(clip).safetensors")
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        let length = Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        let header = try JSONDecoder().decode([String: Entry].self, from: data[8..<8 + length])
        func tensor<Value: BitwiseCopyable>(_ name: String, as type: Value.Type) -> [Value] {
            guard let range = header[name]?.data_offsets else { return [] }
            let bytes = [UInt8](data[8 + length + range[0]..<8 + length + range[1]])
            return bytes.withUnsafeBytes { bytes in
                stride(from: 0, to: bytes.count, by: MemoryLayout<Value>.size).map {
                    bytes.loadUnaligned(fromByteOffset: $0, as: type)
                }
            }
        }
        vectors = tensor("vectors", as: Int32.self)
        offsets = tensor("frame_offsets", as: Int64.self)
        types = tensor("frame_types", as: UInt8.self)
    }

    var pictures: Int { types.count }

    func vectors(ofPicture picture: Int) -> [[Int32]] {
        (Int(offsets[picture])..<Int(offsets[picture + 1])).map { Array(vectors[$0 * 10..<$0 * 10 + 10]) }
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

extension MotionVector {
    var numbers: [Int32] {
        [
            source, Int32(width), Int32(height), Int32(sourceX), Int32(sourceY), Int32(destinationX),
            Int32(destinationY), motionX, motionY, Int32(motionScale),
        ]
    }
}
