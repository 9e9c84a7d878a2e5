public import Media

extension RGBPicture {
    /// The picture enlarged by cubic convolution (Keys 1981, a = −½), which is sharper than linear interpolation.
    public func scaled(to size: PictureSize) -> RGBPicture {
        let columns = CubicTap.all(size.width, from: width)
        let rows = CubicTap.all(size.height, from: height)
        var lines = [SIMD3<Float>](repeating: .zero, count: size.width * height)
        for y in 0..<height {
            for (x, tap) in columns.enumerated() {
                lines[y * size.width + x] = tap.sum { sample in colour(at: y * width + sample) }
            }
        }
        var result = [UInt8](repeating: 0, count: 3 * size.width * size.height)
        for (y, tap) in rows.enumerated() {
            for x in 0..<size.width {
                let value = tap.sum { lines[$0 * size.width + x] }
                result.store(value, at: y * size.width + x)
            }
        }
        return RGBPicture(width: size.width, height: size.height, rgb: result)
    }

    func colour(at pixel: Int) -> SIMD3<Float> {
        SIMD3(Float(rgb[3 * pixel]), Float(rgb[3 * pixel + 1]), Float(rgb[3 * pixel + 2]))
    }
}

extension [UInt8] {
    /// Stores a colour as the bytes of a pixel, rounded and limited to 0…255.
    mutating func store(_ colour: SIMD3<Float>, at pixel: Int) {
        let bytes = (colour + 0.5).clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 255))
        self[3 * pixel] = UInt8(bytes.x)
        self[3 * pixel + 1] = UInt8(bytes.y)
        self[3 * pixel + 2] = UInt8(bytes.z)
    }
}

/// Four neighbours of a position and their weights.
private struct CubicTap {
    private let indices: SIMD4<Int>
    private let weights: SIMD4<Float>

    /// One a target sample.
    static func all(_ targets: Int, from count: Int) -> [CubicTap] {
        (0..<targets).map {
            CubicTap((Float($0) + 0.5) * Float(count) / Float(targets) - 0.5, count: count)
        }
    }

    private init(_ position: Float, count: Int) {
        let floor = position.rounded(.down)
        let t = position - floor
        let last = SIMD4(repeating: count - 1)
        indices = (SIMD4(-1, 0, 1, 2) &+ Int(floor)).clamped(lowerBound: .zero, upperBound: last)
        weights = SIMD4(
            ((-0.5 * t + 1) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1, ((-1.5 * t + 2) * t + 0.5) * t,
            (0.5 * t - 0.5) * t * t)
    }

    @inline(__always)
    func sum(_ sample: (Int) -> SIMD3<Float>) -> SIMD3<Float> {
        let near = sample(indices.y) * weights.y + sample(indices.z) * weights.z
        return near + sample(indices.x) * weights.x + sample(indices.w) * weights.w
    }
}
