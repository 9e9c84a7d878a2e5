public import Media

/// Y′CbCr to R′G′B′ as Video-LaVIT's reference gets it: libswscale's unscaled conversion without accurate rounding, BT.601 of limited range
/// whatever the picture says, each chroma sample repeated over its 2 × 2 pixels. Bit for bit.
public enum ReferenceColour {
    /// Nil where the picture is not 8-bit Y′CbCr 4:2:0.
    public static func convert(_ picture: Picture) -> RGBPicture? {
        let (width, height) = (picture.width, picture.height)
        let (halfWidth, halfHeight) = ((width + 1) / 2, (height + 1) / 2)
        guard picture.bitDepth == 8, picture.planes.count == 3, width > 0, height > 0,
            picture.planes[0].holds(width, height), picture.planes[1].holds(halfWidth, halfHeight),
            picture.planes[2].holds(halfWidth, halfHeight)
        else { return nil }
        let (luma, cb, cr) = (picture.planes[0].bytes, picture.planes[1].bytes, picture.planes[2].bytes)
        let rgb = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { rgb, count in
            for row in 0..<height {
                for column in 0..<width {
                    let chroma = row / 2 * halfWidth + column / 2
                    let offset = Chroma.table[Int(cb[chroma])].blue &+ Chroma.table[Int(cr[chroma])].red
                    let grey = SIMD4(repeating: lumaTable[Int(luma[row * width + column])])
                    let pixel = (grey &+ offset).clamped(
                        lowerBound: SIMD4(repeating: 0), upperBound: SIMD4(repeating: 255))
                    rgb.initializeElement(at: count, to: UInt8(truncatingIfNeeded: pixel.x))
                    rgb.initializeElement(at: count + 1, to: UInt8(truncatingIfNeeded: pixel.y))
                    rgb.initializeElement(at: count + 2, to: UInt8(truncatingIfNeeded: pixel.z))
                    count += 3
                }
            }
        }
        return RGBPicture(width: width, height: height, rgb: rgb)
    }

    private static let lumaTable = (0..<256).map { Int32((8 * ($0 - 16) * 9539) >> 16) }

    /// What a chroma sample adds to R, G and B; each product is rounded down by itself.
    private struct Chroma {
        var blue: SIMD4<Int32>
        var red: SIMD4<Int32>

        static let table = (0..<256).map { sample in
            let difference = Int32(8 * (sample - 128))
            return Chroma(
                blue: SIMD4(0, (-difference * 3209) >> 16, (difference * 16_525) >> 16, 0),
                red: SIMD4((difference * 13_075) >> 16, (-difference * 6660) >> 16, 0, 0))
        }
    }
}

extension Picture.Plane {
    fileprivate func holds(_ width: Int, _ height: Int) -> Bool {
        self.width == width && self.height == height && bytes.count == width * height
    }
}
