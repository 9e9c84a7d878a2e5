/// What colours and hatching mean.
enum Legend {
    static let hatch = SIMD3<Float>(repeating: 42)
    private static let radius: Float = 30

    static func isHatched(x: Int, y: Int) -> Bool { (x + y) % 8 < 2 }

    static func draw(on canvas: inout Canvas, top: Int, title: String) {
        let middle = SIMD2(Float(MotionPicture.legendHeight) / 2, Float(top) + Float(MotionPicture.legendHeight) / 2)
        drawWheel(on: &canvas, middle: middle)
        let left = MotionPicture.legendHeight + 6
        let percent = Int(MotionColour.fullSpeed * 100)
        canvas.write(title, x: left, y: top + 8, scale: 2)
        canvas.write("Wheel: rim is \(percent)% of width/s", x: left, y: top + 28, scale: 2)
        canvas.write("Hatched: motion not known", x: left, y: top + 48, scale: 2)
        for y in top + 46..<top + 64 {
            for x in left + 306..<left + 346 where isHatched(x: x, y: y) { canvas.blend(hatch + 60, x: x, y: y) }
        }
    }

    /// Each place of the disc has the colour of moving from its middle to there; the rim is `MotionColour.fullSpeed`.
    private static func drawWheel(on canvas: inout Canvas, middle: SIMD2<Float>) {
        for y in Int(middle.y - radius)...Int(middle.y + radius) {
            for x in Int(middle.x - radius)...Int(middle.x + radius) {
                let offset = SIMD2(Float(x) + 0.5, Float(y) + 0.5) - middle
                let share = offset.length / radius
                guard share > 0, share <= 1 else { continue }
                let strength = MotionColour.strength(speed: share * MotionColour.fullSpeed)
                canvas.blend(MotionColour.hue(offset / offset.length), x: x, y: y, share: strength)
            }
        }
    }
}
