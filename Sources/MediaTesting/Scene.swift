/// A rendered scene of textured surfaces whose motion is known everywhere.
public struct Scene: Sendable {
    public static let width = 640
    public static let height = 360
    public static let framesPerSecond = 25

    /// A textured square: its upper left corner in picture 0, and its motion in pixels a picture.
    public struct Square: Sendable {
        public var x: Double
        public var y: Double
        public var side: Double
        public var velocity: SIMD2<Double>

        public init(x: Double, y: Double, side: Double, velocity: SIMD2<Double>) {
            self.x = x
            self.y = y
            self.side = side
            self.velocity = velocity
        }
    }

    public var name: String
    /// Motion of the ground in pixels a picture.
    public var pan: SIMD2<Double>
    /// Growth of the ground a picture, about the centre.
    public var zoom: Double
    public var square: Square?
    /// Standard deviation of the sensor's noise in levels.
    public var noise: Double

    public init(
        name: String, pan: SIMD2<Double> = SIMD2(0, 0), zoom: Double = 1, square: Square? = nil, noise: Double = 0
    ) {
        self.name = name
        self.pan = pan
        self.zoom = zoom
        self.square = square
        self.noise = noise
    }

    /// A camera that stands, pans and zooms, and a square that crosses its picture.
    public static let all = [
        Scene(name: "static", noise: 2),
        Scene(name: "pan", pan: SIMD2(3.7, 0)),
        Scene(name: "slow pan", pan: SIMD2(-0.6, 0.35)),
        Scene(name: "zoom", zoom: 1.008),
        Scene(name: "object", square: Square(x: 60, y: 90, side: 150, velocity: SIMD2(4.3, 1.1))),
        Scene(
            name: "pan and object", pan: SIMD2(-2.2, 1),
            square: Square(x: 420, y: 40, side: 150, velocity: SIMD2(-3.1, 2.4))),
    ]

    /// The motion at a point of the ground, in pixels a picture.
    public func groundMotion(x: Double, y: Double) -> SIMD2<Double> {
        pan + (SIMD2(x, y) - Self.centre) * logarithm(zoom)
    }

    /// The luma planes of `count` pictures, one after another.
    public func render(count: Int) -> [UInt8] {
        let ground = Texture.ground, surface = Texture.surface
        var random = Generator(state: 99)
        var result: [UInt8] = []
        result.reserveCapacity(count * Self.width * Self.height)
        for picture in 0..<count {
            let time = Double(picture)
            let scale = power(zoom, picture)
            for y in 0..<Self.height {
                for x in 0..<Self.width {
                    let point = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
                    let value = sample(point, at: time, scale: scale, ground, surface) + grain(&random)
                    result.append(UInt8(min(max(value, 0), 255)))
                }
            }
        }
        return result
    }

    private func grain(_ random: inout Generator) -> Double {
        noise > 0 ? noise * random.nextGaussian() : 0
    }

    private static let centre = SIMD2(Double(width) / 2, Double(height) / 2)

    private func sample(
        _ point: SIMD2<Double>, at time: Double, scale: Double, _ ground: Texture, _ surface: Texture
    ) -> Double {
        if let square {
            let inside = point - SIMD2(square.x, square.y) - square.velocity * time
            if inside.x >= 0, inside.y >= 0, inside.x < square.side, inside.y < square.side {
                return surface.sample(inside)
            }
        }
        return ground.sample((point - Self.centre) / scale + Self.centre - pan * time)
    }

    private func logarithm(_ value: Double) -> Double {
        // Near 1 only: log(1 + e) by its series.
        let e = value - 1
        return e - e * e / 2 + e * e * e / 3
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { result, _ in result * base }
    }
}

/// Smooth noise of several scales, without end: a table that repeats after 1024 pixels. It is much finer than a pixel, so that
/// no place between pixels looks sharper than another and draws an encoder to pictures where content lies likewise.
private struct Texture {
    private static let samplesPerPixel = 2
    private static let size = 1_024 * samplesPerPixel
    static let ground = Texture(seed: 1)
    static let surface = Texture(seed: 2)

    private var levels: [Float]

    init(seed: UInt64) {
        var random = Generator(state: seed)
        levels = Array(repeating: 128, count: Self.size * Self.size)
        for (cell, amplitude) in [(128, 40.0), (32, 30.0), (16, 25.0), (8, 20.0)] {
            let side = Self.size / cell + 2
            let grid = (0..<side * side).map { _ in Float((random.nextUnit() * 2 - 1) * amplitude) }
            for y in 0..<Self.size {
                for x in 0..<Self.size {
                    levels[y * Self.size + x] += Self.interpolate(
                        grid, side, Double(x) / Double(cell), Double(y) / Double(cell))
                }
            }
        }
    }

    func sample(_ point: SIMD2<Double>) -> Double {
        let place = point * Double(Self.samplesPerPixel)
        let floor = place.rounded(.down)
        let part = place - floor
        let x = Int(floor.x), y = Int(floor.y)
        let upper = level(x, y) * (1 - part.x) + level(x + 1, y) * part.x
        let lower = level(x, y + 1) * (1 - part.x) + level(x + 1, y + 1) * part.x
        return upper * (1 - part.y) + lower * part.y
    }

    private func level(_ x: Int, _ y: Int) -> Double {
        Double(levels[(y & (Self.size - 1)) * Self.size + (x & (Self.size - 1))])
    }

    private static func interpolate(_ grid: [Float], _ side: Int, _ x: Double, _ y: Double) -> Float {
        let column = Int(x), row = Int(y)
        let u = smooth(x - Double(column)), v = smooth(y - Double(row))
        let upper = grid[row * side + column] * (1 - u) + grid[row * side + column + 1] * u
        let lower = grid[(row + 1) * side + column] * (1 - u) + grid[(row + 1) * side + column + 1] * u
        return upper * (1 - v) + lower * v
    }

    private static func smooth(_ t: Double) -> Float {
        Float(t * t * (3 - 2 * t))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
public struct Generator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(state: UInt64) {
        self.state = state
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0 ..< 1.
    public mutating func nextUnit() -> Double {
        Double(next() >> 11) / Double(1 << 53)
    }

    /// Nearly normal: the sum of twelve uniform numbers.
    public mutating func nextGaussian() -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + nextUnit() }
    }
}
