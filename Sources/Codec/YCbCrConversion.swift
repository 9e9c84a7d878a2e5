internal import CLibAV
internal import Media

/// R′G′B′ to Y′CbCr 4:2:0 by BT.601's matrix, in 16-bit fixed point.
enum YCbCrConversion {
    enum Range {
        /// ITU-R BT.601-7 §2.5.3: 16…235 and 16…240.
        case limited
        /// ITU-T T.871 (JFIF) §7: 0…255.
        case full

        fileprivate var weights: Weights {
            switch self {
            case .limited:
                Weights(
                    y: SIMD3(16_829, 33_039, 6_416), cb: SIMD3(-9_714, -19_070, 28_784),
                    cr: SIMD3(28_784, -24_103, -4_681), black: 16)
            case .full:
                Weights(
                    y: SIMD3(19_595, 38_470, 7_471), cb: SIMD3(-11_058, -21_710, 32_768),
                    cr: SIMD3(32_768, -27_439, -5_329), black: 0)
            }
        }
    }

    fileprivate struct Weights {
        var y: SIMD3<Int32>
        var cb: SIMD3<Int32>
        var cr: SIMD3<Int32>
        var black: Int32
    }

    /// - Parameter frame: of the picture's size. At odd sides the last pixels count twice for chroma.
    static func store(_ picture: RGBPicture, range: Range, into frame: UnsafeMutablePointer<AVFrame>) {
        let planes = frame.pointee.data, strides = frame.pointee.linesize
        guard let lumaPlane = planes.0, let cbPlane = planes.1, let crPlane = planes.2 else { return }
        let weights = range.weights
        picture.rgb.withUnsafeBufferPointer { rgb in
            for row in stride(from: 0, to: picture.height, by: 2) {
                let chromaRow = row / 2
                for column in stride(from: 0, to: picture.width, by: 2) {
                    var sum = SIMD3<Int32>.zero
                    for pixel in 0..<4 {
                        let x = min(column + pixel % 2, picture.width - 1)
                        let y = min(row + pixel / 2, picture.height - 1)
                        let at = 3 * (y * picture.width + x)
                        let colour = SIMD3(Int32(rgb[at]), Int32(rgb[at + 1]), Int32(rgb[at + 2]))
                        sum &+= colour
                        lumaPlane[y * Int(strides.0) + x] = sample(
                            colour, weights.y, bits: 16, offset: weights.black)
                    }
                    // The mean of four pixels: two bits more.
                    cbPlane[chromaRow * Int(strides.1) + column / 2] = sample(sum, weights.cb, bits: 18, offset: 128)
                    crPlane[chromaRow * Int(strides.2) + column / 2] = sample(sum, weights.cr, bits: 18, offset: 128)
                }
            }
        }
    }

    @inline(__always)
    private static func sample(_ colour: SIMD3<Int32>, _ weights: SIMD3<Int32>, bits: Int32, offset: Int32) -> UInt8 {
        let sum = (colour &* weights).wrappedSum() &+ (1 << (bits - 1))
        return UInt8(clamping: (sum >> bits) &+ offset)
    }
}
