public import Media

/// Moves the thumbnail of a clip along the clip's motion.
///
/// Picture n shows the time n/6 s after the clip's start. The thumbnail is the picture at `key`; from there the displacement
/// is carried forward and backward, a sixth of a second at a time (semi-Lagrangian advection). Cells whose motion
/// is not known move like most others.
public struct MotionWarp: Sendable {
    private static let columns = 144
    private static let rows = 80
    /// What no place of the thumbnail has moved to keeps its border's colour, darkened.
    private static let unseen: Float = 0.4

    /// One a picture: from a place in it to the same content in the thumbnail, in fractions of the picture.
    private var displacements: [[SIMD2<Float>]]

    /// - Parameters:
    ///   - fields: one a sixth of a second.
    ///   - key: the picture that the thumbnail shows.
    public init(fields: [MotionField], key: Int) {
        let still = [SIMD2<Float>](repeating: .zero, count: Self.columns * Self.rows)
        displacements = Array(repeating: still, count: fields.count)
        guard fields.indices.contains(key) else { return }
        let step = Float(Clip.fieldDuration.seconds)
        for number in key..<max(fields.count - 1, key) {
            displacements[number + 1] = Self.carry(displacements[number], along: fields[number], by: step)
        }
        for number in stride(from: key, to: 0, by: -1) {
            displacements[number - 1] = Self.carry(displacements[number], along: fields[number - 1], by: -step)
        }
    }

    private static func carry(_ old: [SIMD2<Float>], along field: MotionField, by step: Float) -> [SIMD2<Float>] {
        let grid = VelocityGrid(filling: field)
        let size = SIMD2(Float(columns), Float(rows))
        var new = old
        for row in 0..<rows {
            for column in 0..<columns {
                let place = SIMD2(Float(column) + 0.5, Float(row) + 0.5) / size
                let move = grid.velocity(at: place) * step
                let origin = (place - move) * size - 0.5
                let value = sample(old, Tap(origin.x, count: columns), Tap(origin.y, count: rows))
                new[row * columns + column] = value - move
            }
        }
        return new
    }

    @inline(__always)
    private static func sample(_ map: [SIMD2<Float>], _ column: Tap, _ row: Tap) -> SIMD2<Float> {
        let (upper, lower) = (row.first * columns, row.second * columns)
        return row.mix(
            column.mix(map[upper + column.first], map[upper + column.second]),
            column.mix(map[lower + column.first], map[lower + column.second]))
    }

    /// Picture `number` of the clip.
    ///
    /// - Parameter thumbnail: of the size that the result is to have.
    public func picture(_ number: Int, of thumbnail: RGBPicture) -> RGBPicture {
        let (width, height) = (thumbnail.width, thumbnail.height)
        let size = SIMD2(Float(width), Float(height))
        let columns = (0..<width).map { Tap.inMap($0, of: width, count: Self.columns) }
        let map = displacements[number]
        var result = [UInt8](repeating: 0, count: 3 * width * height)
        for y in 0..<height {
            let row = Tap.inMap(y, of: height, count: Self.rows)
            for x in 0..<width {
                let place = SIMD2(Float(x), Float(y)) + Self.sample(map, columns[x], row) * size
                result.store(Self.colour(at: place, in: thumbnail), at: y * width + x)
            }
        }
        return RGBPicture(width: width, height: height, rgb: result)
    }

    @inline(__always)
    private static func colour(at place: SIMD2<Float>, in picture: RGBPicture) -> SIMD3<Float> {
        let column = Tap(place.x, count: picture.width)
        let row = Tap(place.y, count: picture.height)
        let (upper, lower) = (row.first * picture.width, row.second * picture.width)
        let colour = row.mix(
            column.mix(picture.colour(at: upper + column.first), picture.colour(at: upper + column.second)),
            column.mix(picture.colour(at: lower + column.first), picture.colour(at: lower + column.second)))
        let isInside =
            place.x > -1 && place.y > -1 && place.x < Float(picture.width) && place.y < Float(picture.height)
        return isInside ? colour : colour * unseen
    }
}

extension Tap {
    /// Where pixel `index` of `pixels` lies among `count` samples of the same span.
    fileprivate static func inMap(_ index: Int, of pixels: Int, count: Int) -> Tap {
        Tap((Float(index) + 0.5) * Float(count) / Float(pixels) - 0.5, count: count)
    }
}

extension RGBPicture {
    /// The picture with a line of text in its upper left corner.
    public func labelled(_ text: String) -> RGBPicture {
        var canvas = Canvas(self)
        canvas.write(text, x: 9, y: 9, scale: 2, colour: .zero)
        canvas.write(text, x: 8, y: 8, scale: 2)
        return canvas.picture
    }
}
