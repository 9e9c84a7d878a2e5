import Foundation
import Media
import MediaTesting

/// Fields of a scene with known motion, in px and px/s of a 640 × 360 picture.
struct MadeScene {
    struct Thing {
        var size = SIMD2<Double>(80, 72)
        /// Centre at a time in seconds; nil while it is not there.
        var place: (Double) -> SIMD2<Double>?
    }

    var things: [Thing] = []
    /// Where the camera looks.
    var camera: (Double) -> SIMD2<Double> = { _ in .zero }
    /// Another number is another background.
    var background: (Double) -> Double = { _ in 0 }
    var textured = true
    /// Standard deviation of a cell's mean luma: a twentieth of that of its samples.
    var lumaNoise = 0.0
    /// Vectors that mean nothing, in px/s.
    var vectorNoise = 0.0
    var secondsPerField = 1.0 / 6

    func fields(from start: Double = 0, to end: Double) -> [MotionField] {
        var random = Generator(state: 11)
        return stride(from: start, to: end - 1e-9, by: secondsPerField).map { field(at: $0, &random) }
    }

    private func field(at time: Double, _ random: inout Generator) -> MotionField {
        let end = time + secondsPerField
        let offset = camera(end)
        let cameraVelocity = (offset - camera(time)) / secondsPerField
        var field = MotionField(start: MediaTime(seconds: time), end: MediaTime(seconds: end), anchors: 1)
        for cell in 0..<MotionField.cells {
            let centre = (SIMD2(Double(cell % 36), Double(cell / 36)) + 0.5) * SIMD2(640 / 36, 18)
            var luma = backdrop(centre + offset, background(end))
            var velocity = -cameraVelocity
            for thing in things {
                guard let place = thing.place(end) else { continue }
                let share = overlap(centre, place, thing.size)
                luma += (235 - luma) * share
                guard share > 0.5, let before = thing.place(time) else { continue }
                velocity = (place - before) / secondsPerField
            }
            let noise = SIMD2(random.normal(), random.normal()) * vectorNoise
            field.velocity[cell] = SIMD2<Float>((velocity + noise) / SIMD2(640, 360))
            field.validity[cell] = 1
            field.luma.append(Float(luma + random.normal() * lumaNoise))
            field.texture.append(textured ? 9 : 1)
        }
        return field
    }

    private func backdrop(_ point: SIMD2<Double>, _ number: Double) -> Double {
        guard textured else { return 110 }
        let scale = 1 + number * 0.37
        return 110 + 30 * sin(point.x * scale / 37 + number) + 25 * cos(point.y * scale / 31 + point.x / 53)
    }

    private func overlap(_ cell: SIMD2<Double>, _ place: SIMD2<Double>, _ size: SIMD2<Double>) -> Double {
        let half = (size + SIMD2(640 / 36, 18)) / 2
        let x = (half.x - abs(cell.x - place.x)) / (640 / 36)
        let y = (half.y - abs(cell.y - place.y)) / 18
        return min(max(x, 0), 1) * min(max(y, 0), 1)
    }
}

extension Generator {
    /// Nearly normal: the scaled sum of four uniform numbers.
    fileprivate mutating func normal() -> Double {
        (nextUnit() + nextUnit() + nextUnit() + nextUnit() - 2) * 1.732
    }
}
