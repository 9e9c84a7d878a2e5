import Media

enum Made {
    /// 24 fields with the same motion everywhere, in picture widths and heights a second; nil is not known.
    static func fields(_ velocity: SIMD2<Float>?) -> [MotionField] {
        fields { _, _ in velocity }
    }

    static func fields(_ velocity: (_ row: Int, _ column: Int) -> SIMD2<Float>?) -> [MotionField] {
        let cells = (0..<MotionField.cells).map { velocity($0 / MotionField.columns, $0 % MotionField.columns) }
        return (0..<Clip.fieldCount).map { number in
            MotionField(
                start: Clip.fieldDuration * Int64(number), end: Clip.fieldDuration * Int64(number + 1),
                velocity: cells.map { $0 ?? .zero }, validity: cells.map { $0 == nil ? 0 : 1 })
        }
    }

    /// Every pixel differs from its neighbours.
    static func pattern(width: Int, height: Int) -> RGBPicture {
        var rgb: [UInt8] = []
        for pixel in 0..<width * height {
            rgb.append(UInt8(pixel * 37 % 251))
            rgb.append(UInt8(pixel / width * 53 % 241))
            rgb.append(UInt8(pixel * 11 % 239))
        }
        return RGBPicture(width: width, height: height, rgb: rgb)
    }

    static func plain(_ grey: UInt8, width: Int = 144, height: Int = 80) -> RGBPicture {
        RGBPicture(width: width, height: height, rgb: Array(repeating: grey, count: 3 * width * height))
    }
}

extension RGBPicture {
    func pixel(_ x: Int, _ y: Int) -> [Int] {
        (0..<3).map { Int(rgb[3 * (y * width + x) + $0]) }
    }
}
