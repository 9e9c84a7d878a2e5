import Media
import MediaTesting

/// What an independent extractor reports for a clip: a safetensors file with the vectors of all pictures in display order.
struct VectorFixture {
    /// Ten numbers a vector: source, width, height, source x and y, destination x and y, motion x and y, scale.
    private let vectors: [Int32]
    private let offsets: [Int64]
    let types: [UInt8]

    init(clip: String) throws {
        let file = try TensorFile(path: SharedFolder.path("fixtures/motion-vectors/\(clip).safetensors"))
        vectors = file.elements("vectors", as: Int32.self)
        offsets = file.elements("frame_offsets", as: Int64.self)
        types = file.elements("frame_types", as: UInt8.self)
    }

    var pictures: Int { types.count }

    func vectors(ofPicture picture: Int) -> [[Int32]] {
        (Int(offsets[picture])..<Int(offsets[picture + 1])).map { Array(vectors[$0 * 10..<$0 * 10 + 10]) }
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
