import Media

/// A picture being drawn. Coordinates are pixels; what lies outside is left out.
struct Canvas {
    let width: Int
    let height: Int
    private var rgb: [UInt8]

    init(width: Int, height: Int, colour: SIMD3<Float>) {
        self.width = width
        self.height = height
        rgb = Array(repeating: 0, count: 3 * width * height)
        for pixel in 0..<width * height { rgb.store(colour, at: pixel) }
    }

    init(_ picture: RGBPicture) {
        width = picture.width
        height = picture.height
        rgb = picture.rgb
    }

    var picture: RGBPicture { RGBPicture(width: width, height: height, rgb: rgb) }

    /// Puts a picture with its upper left corner at a pixel.
    mutating func paste(_ picture: RGBPicture, x: Int, y: Int) {
        for row in 0..<picture.height {
            for column in 0..<picture.width {
                blend(picture.colour(at: row * picture.width + column), x: x + column, y: y + row)
            }
        }
    }

    /// Mixes a colour into a pixel; `share` 1 covers it.
    mutating func blend(_ colour: SIMD3<Float>, x: Int, y: Int, share: Float = 1) {
        guard 0..<width ~= x, 0..<height ~= y, share > 0 else { return }
        let pixel = y * width + x
        let old = SIMD3(Float(rgb[3 * pixel]), Float(rgb[3 * pixel + 1]), Float(rgb[3 * pixel + 2]))
        rgb.store(old + (colour - old) * min(share, 1), at: pixel)
    }

    /// Draws a line with round ends and smooth edges; pixel (x, y) covers x ..< x + 1, y ..< y + 1.
    mutating func stroke(from a: SIMD2<Float>, to b: SIMD2<Float>, width: Float, colour: SIMD3<Float>, share: Float = 1)
    {
        let reach = width / 2 + 1
        let (low, high) = (pointwiseMin(a, b) - reach, pointwiseMax(a, b) + reach)
        let along = b - a
        let square = max((along * along).sum(), .leastNormalMagnitude)
        for y in Int(low.y.rounded(.down))...Int(high.y) {
            for x in Int(low.x.rounded(.down))...Int(high.x) {
                let point = SIMD2(Float(x) + 0.5, Float(y) + 0.5)
                let part = min(max(((point - a) * along).sum() / square, 0), 1)
                let distance = (point - a - along * part).length
                blend(colour, x: x, y: y, share: share * min(max(width / 2 + 0.5 - distance, 0), 1))
            }
        }
    }

    /// Draws an arrow about its middle, with a dark rim.
    mutating func arrow(middle: SIMD2<Float>, along vector: SIMD2<Float>, colour: SIMD3<Float>) {
        let tip = middle + vector / 2
        let back = vector / max(vector.length, 1) * -min(vector.length * 0.45, 5)
        let side = SIMD2(-back.y, back.x) * 0.7
        for (width, colour, share) in [(Float(4), SIMD3<Float>.zero, Float(0.7)), (1.6, colour, 1)] {
            stroke(from: middle - vector / 2, to: tip, width: width, colour: colour, share: share)
            stroke(from: tip + back + side, to: tip, width: width, colour: colour, share: share)
            stroke(from: tip + back - side, to: tip, width: width, colour: colour, share: share)
        }
    }

    /// Writes a line of text, `PixelFont.height` × `scale` high, with its upper left corner at a pixel.
    mutating func write(_ text: String, x: Int, y: Int, scale: Int, colour: SIMD3<Float> = SIMD3(repeating: 235)) {
        for (index, character) in text.enumerated() {
            let left = x + index * (PixelFont.width + 1) * scale
            guard left < width else { return }
            for (row, bits) in PixelFont.rows(of: character).enumerated() {
                for column in 0..<PixelFont.width where bits >> (PixelFont.width - 1 - column) & 1 == 1 {
                    fill(x: left + column * scale, y: y + row * scale, side: scale, colour)
                }
            }
        }
    }

    private mutating func fill(x: Int, y: Int, side: Int, _ colour: SIMD3<Float>) {
        for row in y..<y + side {
            for column in x..<x + side { blend(colour, x: column, y: row) }
        }
    }
}
