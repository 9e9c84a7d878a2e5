import Media
import MediaTesting

/// Clips with known motion, for tests.
enum Made {
    /// A clip whose cells move as `motion` says, in px/s at 640 × 360; nil is an invalid cell.
    static func clip(
        picture: Picture = disc(width: 320, height: 180),
        _ motion: (_ field: Int, _ row: Int, _ column: Int) -> SIMD2<Float>?
    ) -> Clip {
        let fields = (0..<Clip.fieldCount).map { number in
            var field = MotionField(
                start: Clip.fieldDuration * Int64(number), end: Clip.fieldDuration * Int64(number + 1))
            for cell in 0..<MotionField.cells {
                guard let velocity = motion(number, cell / MotionField.columns, cell % MotionField.columns) else {
                    continue
                }
                field.velocity[cell] = velocity / SIMD2(640, 360)
                field.validity[cell] = 1
            }
            return field
        }
        return clip(picture: picture, fields: fields)
    }

    static func clip(picture: Picture = disc(width: 320, height: 180), fields: [MotionField]) -> Clip {
        Clip(
            session: 0, index: 0, start: .zero, end: Clip.duration, isComplete: true, cut: .time, frames: 100,
            startsOnKey: true, hasBFrames: false,
            video: VideoFormat(codec: .h264, width: picture.width, height: picture.height),
            key: KeyPicture(picture: picture, kind: .intra, isFiltered: true), fields: fields,
            motion: MotionSummary(
                source: .codec, coverage: 1, isReferenceAmbiguous: false, framesPerSecond: 25),
            capture: nil, quality: ClipQuality())
    }

    /// A camera that pans by (90, -20) px/s, an object of 7 × 5 cells that moves against it, and a little noise.
    static func panWithObject(seed: UInt64 = 1) -> Clip {
        var random = Generator(state: seed)
        return clip { field, row, column in
            let left = 4 + field
            let noise = SIMD2(random.float(in: -2...2), random.float(in: -2...2))
            if (8..<13).contains(row), (left..<left + 7).contains(column) { return SIMD2(-150, 60) + noise }
            return SIMD2(90, -20) + noise
        }
    }

    /// A bright disc on a slanted ramp, with colour; 4:2:0, 8 bits, full range, BT.601.
    static func disc(width: Int, height: Int) -> Picture {
        func plane(_ width: Int, _ height: Int, _ sample: (Double, Double) -> Double) -> Picture.Plane {
            let bytes = (0..<width * height).map { index in
                let value = sample(Double(index % width) / Double(width), Double(index / width) / Double(height))
                return UInt8(min(max(value, 0), 255))
            }
            return Picture.Plane(width: width, height: height, bytes: bytes)
        }
        func isInside(_ x: Double, _ y: Double) -> Bool {
            (x - 0.6) * (x - 0.6) * 3.16 + (y - 0.5) * (y - 0.5) < 0.09
        }
        let (halfWidth, halfHeight) = ((width + 1) / 2, (height + 1) / 2)
        return Picture(
            pts: .zero, type: .intra, width: width, height: height, matrix: .bt601, isFullRange: true,
            planes: [
                plane(width, height) { isInside($0, $1) ? 220 : 40 + 90 * $0 + 40 * $1 },
                plane(halfWidth, halfHeight) { isInside($0, $1) ? 90 : 140 },
                plane(halfWidth, halfHeight) { isInside($0, $1) ? 170 : 120 },
            ])
    }

    static func solid(
        _ samples: [UInt16], width: Int = 64, height: Int = 36, bitDepth: Int = 8, matrix: ColourMatrix = .bt601,
        isFullRange: Bool = true
    ) -> Picture {
        let planes = samples.map { sample in
            let bytes = bitDepth == 8 ? [UInt8(sample)] : [UInt8(sample & 255), UInt8(sample >> 8)]
            return Picture.Plane(
                width: width, height: height, bytes: (0..<width * height).flatMap { _ in bytes })
        }
        return Picture(
            pts: .zero, type: .intra, width: width, height: height, bitDepth: bitDepth, matrix: matrix,
            isFullRange: isFullRange, planes: planes)
    }
}

extension Generator {
    mutating func float(in range: ClosedRange<Float>) -> Float { .random(in: range, using: &self) }
}
