public import Media

/// Draws the motion of a clip: one panel a second, the mean motion of that second as colour and arrows over the dimmed
/// thumbnail, and a legend below.
public enum MotionPicture {
    static let panels = 4
    package static let legendHeight = 68
    private static let arrowCells = 2

    /// - Parameters:
    ///   - thumbnail: nil: motion is drawn over plain grey.
    ///   - fields: the clip's 24 fields.
    ///   - panel: the size of each of the 2 × 2 panels.
    ///   - title: stands in the legend.
    public static func draw(
        thumbnail: RGBPicture?, fields: [MotionField], panel: PictureSize, title: String
    ) -> RGBPicture {
        var canvas = Canvas(
            width: 2 * panel.width, height: 2 * panel.height + legendHeight, colour: SIMD3(repeating: 24))
        let backdrop = Backdrop(thumbnail?.scaled(to: panel) ?? .plain(panel))
        let span = max(fields.count / panels, 1)
        for second in 0..<panels {
            let grid = VelocityGrid(meanOf: fields.dropFirst(second * span).prefix(span))
            let corner = (x: second % 2 * panel.width, y: second / 2 * panel.height)
            let drawing = Panel(grid: grid, backdrop: backdrop, corner: corner)
            drawing.draw(on: &canvas)
            canvas.write("\(second)-\(second + 1) s", x: corner.x + 6, y: corner.y + 6, scale: 2)
        }
        Legend.draw(on: &canvas, top: 2 * panel.height, title: title)
        return canvas.picture
    }

    /// The thumbnail without its colours, which would be taken for motion, and darker.
    private struct Backdrop {
        let width: Int
        let height: Int
        private let grey: [UInt8]

        init(_ picture: RGBPicture) {
            width = picture.width
            height = picture.height
            grey = (0..<picture.width * picture.height).map { pixel in
                UInt8((picture.colour(at: pixel) * SIMD3(0.299, 0.587, 0.114)).sum() * 0.6)
            }
        }

        func colour(x: Int, y: Int) -> SIMD3<Float> { SIMD3(repeating: Float(grey[y * width + x])) }
    }

    private struct Panel {
        let grid: VelocityGrid
        let backdrop: Backdrop
        let corner: (x: Int, y: Int)

        func draw(on canvas: inout Canvas) {
            for y in 0..<backdrop.height {
                for x in 0..<backdrop.width {
                    canvas.blend(colour(x: x, y: y), x: corner.x + x, y: corner.y + y)
                }
            }
            for row in 0..<MotionField.rows / arrowCells {
                for column in 0..<MotionField.columns / arrowCells { arrow(row: row, column: column, on: &canvas) }
            }
        }

        private func colour(x: Int, y: Int) -> SIMD3<Float> {
            let place = SIMD2(Float(x) + 0.5, Float(y) + 0.5) / size
            let grey = backdrop.colour(x: x, y: y)
            guard grid.isKnown(at: place) else { return Legend.isHatched(x: x, y: y) ? grey + Legend.hatch : grey }
            let velocity = motion(at: place)
            let speed = velocity.length
            guard speed >= MotionColour.leastSpeed else { return grey }
            let share = 0.65 * MotionColour.strength(speed: speed)
            return grey + (MotionColour.hue(velocity / speed) - grey) * share
        }

        private func arrow(row: Int, column: Int, on canvas: inout Canvas) {
            let cells = SIMD2(Float(MotionField.columns), Float(MotionField.rows)) / Float(arrowCells)
            let place = SIMD2(Float(column) + 0.5, Float(row) + 0.5) / cells
            let velocity = motion(at: place)
            let speed = velocity.length
            guard speed >= MotionColour.leastSpeed else { return }
            let longest = (size / cells).min() * 1.1
            let vector = velocity / speed * max(MotionColour.strength(speed: speed) * longest, 4)
            let middle = SIMD2(Float(corner.x), Float(corner.y)) + place * size
            let pale = MotionColour.hue(velocity / speed) * 0.6 + 102
            canvas.arrow(middle: middle, along: vector, colour: pale)
        }

        private var size: SIMD2<Float> { SIMD2(Float(backdrop.width), Float(backdrop.height)) }

        /// In picture widths a second, both ways: directions as they are seen.
        private func motion(at place: SIMD2<Float>) -> SIMD2<Float> {
            grid.velocity(at: place) * SIMD2(1, size.y / size.x)
        }
    }
}

extension RGBPicture {
    fileprivate static func plain(_ size: PictureSize) -> RGBPicture {
        RGBPicture(
            width: size.width, height: size.height, rgb: Array(repeating: 128, count: 3 * size.width * size.height))
    }
}
