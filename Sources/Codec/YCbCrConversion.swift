internal import CLibAV
internal import Media

/// R′G′B′ to Y′CbCr 4:2:0 of limited range by BT.601's matrix (ITU-R BT.601-7 §2.5.3), in 16-bit fixed point.
enum YCbCrConversion {
    private static let y = SIMD3<Int32>(16_829, 33_039, 6_416)
    private static let cb = SIMD3<Int32>(-9_714, -19_070, 28_784)
    private static let cr = SIMD3<Int32>(28_784, -24_103, -4_681)

    /// - Parameter frame: of the picture's size, which is even.
    static func store(_ picture: RGBPicture, into frame: UnsafeMutablePointer<AVFrame>) {
        let planes = frame.pointee.data, strides = frame.pointee.linesize
        guard let lumaPlane = planes.0, let cbPlane = planes.1, let crPlane = planes.2 else { return }
        picture.rgb.withUnsafeBufferPointer { rgb in
            for row in stride(from: 0, to: picture.height, by: 2) {
                let chromaRow = row / 2
                for column in stride(from: 0, to: picture.width, by: 2) {
                    var sum = SIMD3<Int32>.zero
                    for pixel in 0..<4 {
                        let (x, y) = (column + pixel % 2, row + pixel / 2)
                        let at = 3 * (y * picture.width + x)
                        let colour = SIMD3(Int32(rgb[at]), Int32(rgb[at + 1]), Int32(rgb[at + 2]))
                        sum &+= colour
                        lumaPlane[y * Int(strides.0) + x] = sample(colour, Self.y, bits: 16, offset: 16)
                    }
                    // The mean of four pixels: two bits more.
                    cbPlane[chromaRow * Int(strides.1) + column / 2] = sample(sum, cb, bits: 18, offset: 128)
                    crPlane[chromaRow * Int(strides.2) + column / 2] = sample(sum, cr, bits: 18, offset: 128)
                }
            }
        }
    }

    @inline(__always)
    private static func sample(_ colour: SIMD3<Int32>, _ weights: SIMD3<Int32>, bits: Int32, offset: Int32) -> UInt8 {
        let sum = (colour &* weights).wrappedSum() &+ (1 << (bits - 1))
        return UInt8(truncatingIfNeeded: (sum >> bits) &+ offset)
    }
}
