/// How a vision model wants the values of its pictures: (sample/255 − mean) / deviation, a channel at a time.
public struct PictureNormalization: Sendable, Hashable {
    public var mean: SIMD3<Float>
    public var deviation: SIMD3<Float>

    public init(mean: SIMD3<Float>, deviation: SIMD3<Float>) {
        self.mean = mean
        self.deviation = deviation
    }

    /// That of CLIP (arXiv 2103.00020) and of the models that begin with its encoders.
    public static let clip = Self(
        mean: SIMD3(0.48145466, 0.4578275, 0.40821073), deviation: SIMD3(0.26862954, 0.26130258, 0.27577711))

    /// - Parameter rgb: height × width × 3.
    /// - Returns: 3 × height × width.
    public func planes(of rgb: [UInt8]) -> [Float] {
        precondition(rgb.count % 3 == 0, "not three bytes a pixel")
        let pixels = rgb.count / 3
        return [Float](unsafeUninitializedCapacity: rgb.count) { values, count in
            for channel in 0..<3 {
                let table = (0...255).map { (Float($0) / 255 - mean[channel]) / deviation[channel] }
                for pixel in 0..<pixels {
                    values.initializeElement(at: count, to: table[Int(rgb[3 * pixel + channel])])
                    count += 1
                }
            }
        }
    }
}

extension PillowBicubic {
    /// What a vision model of CLIP's family takes of a picture: `side` × `side`, sides not kept in proportion, normalised.
    ///
    /// - Parameter rgb: height × width × 3.
    /// - Returns: 3 × side × side.
    public static func pixelValues(_ rgb: [UInt8], width: Int, height: Int, side: Int = 224) -> [Float] {
        PictureNormalization.clip.planes(
            of: resize(rgb, width: width, height: height, toWidth: side, height: side))
    }
}
