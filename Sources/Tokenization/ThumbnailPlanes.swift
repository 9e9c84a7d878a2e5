import Media

/// A picture averaged down to 144 × 80 with chroma of half the size: JFIF's full-range Y′CbCr (BT.601 matrix), 0…255.
struct ThumbnailPlanes: Equatable {
    static let width = 144
    static let height = 80

    var y: [Int]
    var cb: [Int]
    var cr: [Int]
}

extension ThumbnailPlanes {
    init(_ picture: Picture) throws(ClipError) {
        guard picture.planes.count == 1 || picture.planes.count >= 3 else {
            throw .planeCount(picture.planes.count)
        }
        guard (8...16).contains(picture.bitDepth) else { throw .bitDepth(picture.bitDepth) }
        let scale = SampleScale(picture)
        let luma = try AreaAverage.reduce(picture, plane: 0, width: Self.width, height: Self.height)
        guard picture.planes.count >= 3 else {
            self.init(y: luma.map { Self.byte(255 * scale.luma($0)) }, cb: Self.noChroma, cr: Self.noChroma)
            return
        }
        let (width, height) = (Self.width / 2, Self.height / 2)
        let cb = try AreaAverage.reduce(picture, plane: 1, width: width, height: height).map(scale.chroma)
        let cr = try AreaAverage.reduce(picture, plane: 2, width: width, height: height).map(scale.chroma)
        let matrix = MatrixChange(from: picture.matrix)
        self.init(
            y: luma.indices.map { index in
                let chroma = Self.chromaIndex(ofPixel: index)
                return Self.byte(255 * (scale.luma(luma[index]) + matrix.luma(cb: cb[chroma], cr: cr[chroma])))
            },
            cb: cb.indices.map { Self.byte(255 * matrix.cb(cb: cb[$0], cr: cr[$0]) + 128) },
            cr: cb.indices.map { Self.byte(255 * matrix.cr(cb: cb[$0], cr: cr[$0]) + 128) })
    }

    /// R′G′B′ by JFIF's formula; each chroma sample covers 2 × 2 pixels.
    var thumbnail: RGBPicture {
        var rgb: [UInt8] = []
        rgb.reserveCapacity(y.count * 3)
        for index in y.indices {
            let chroma = Self.chromaIndex(ofPixel: index)
            let (blue, red) = (Double(cb[chroma] - 128), Double(cr[chroma] - 128))
            let luma = Double(y[index])
            rgb.append(UInt8(Self.byte(luma + 1.402 * red)))
            rgb.append(UInt8(Self.byte(luma - 0.344136 * blue - 0.714136 * red)))
            rgb.append(UInt8(Self.byte(luma + 1.772 * blue)))
        }
        return RGBPicture(width: Self.width, height: Self.height, rgb: rgb)
    }

    private static let noChroma = [Int](repeating: 128, count: width * height / 4)

    private static func chromaIndex(ofPixel index: Int) -> Int {
        index / width / 2 * (width / 2) + index % width / 2
    }

    private static func byte(_ value: Double) -> Int {
        Int(min(max(value + 0.5, 0), 255))
    }
}

/// From sample values to 0…1 for luma and −½…½ for chroma.
private struct SampleScale {
    private let lumaZero: Double
    private let lumaRange: Double
    private let chromaZero: Double
    private let chromaRange: Double

    init(_ picture: Picture) {
        let unit = Double(1 << (picture.bitDepth - 8))
        chromaZero = 128 * unit
        if picture.isFullRange {
            lumaZero = 0
            lumaRange = 256 * unit - 1
            chromaRange = lumaRange
        } else {
            lumaZero = 16 * unit
            lumaRange = 219 * unit
            chromaRange = 224 * unit
        }
    }

    func luma(_ sample: Double) -> Double { (sample - lumaZero) / lumaRange }
    func chroma(_ sample: Double) -> Double { (sample - chromaZero) / chromaRange }
}

/// From one matrix's Y′CbCr to BT.601's. Grey stays grey in both, so new luma is old luma plus a share of chroma, and
/// new chroma comes from old chroma alone.
private struct MatrixChange {
    private let fromCb: SIMD3<Double>
    private let fromCr: SIMD3<Double>

    init(from matrix: ColourMatrix) {
        let (kr, kb): (Double, Double) =
            switch matrix {
            case .bt601: (0.299, 0.114)
            case .bt709: (0.2126, 0.0722)
            case .bt2020: (0.2627, 0.0593)
            }
        let kg = 1 - kr - kb
        fromCb = Self.bt601(SIMD3(0, -2 * kb * (1 - kb) / kg, 2 * (1 - kb)))
        fromCr = Self.bt601(SIMD3(2 * (1 - kr), -2 * kr * (1 - kr) / kg, 0))
    }

    private static func bt601(_ rgb: SIMD3<Double>) -> SIMD3<Double> {
        let y = 0.299 * rgb.x + 0.587 * rgb.y + 0.114 * rgb.z
        return SIMD3(y, (rgb.z - y) / 1.772, (rgb.x - y) / 1.402)
    }

    func luma(cb: Double, cr: Double) -> Double { fromCb.x * cb + fromCr.x * cr }
    func cb(cb: Double, cr: Double) -> Double { fromCb.y * cb + fromCr.y * cr }
    func cr(cb: Double, cr: Double) -> Double { fromCb.z * cb + fromCr.z * cr }
}
