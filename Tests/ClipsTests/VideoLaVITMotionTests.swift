import Clips
import Media
import Testing

/// Expected numbers: the tiny configuration I of an evaluation of the reference's steps in float64.
@Suite struct VideoLaVITMotionTests {
    private static let width = 110
    private static let height = 70

    @Test("the largest displacement of each macroblock, in the tokenizer's units")
    func pooled() {
        let pooled = Self.vectors(ofPicture: 1).withUnsafeBufferPointer {
            MacroblockMaximum($0, width: Self.width, height: Self.height)
        }
        #expect(pooled.rows == 5 && pooled.columns == 7)
        #expect(zip(pooled.values, Self.pooledPicture1).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(pooled.values.count == Self.pooledPicture1.count)
    }

    @Test("24 pictures give the tokenizer's tensor; picture 12 is the mean of its neighbours")
    func tensor() {
        let tensor = Self.tensor(absent: [0, 12])
        #expect(tensor.count == 2 * 24 * 720)
        #expect(abs(tensor.reduce(0) { $0 + Double($1) } - -5631.192747) < 0.01)
        #expect(abs(tensor.reduce(0) { $0 + Double(abs($1)) } - 150779.8739) < 0.1)
        #expect(tensor.prefix(720).allSatisfy { $0 == 0 })
        let row = tensor[12 * 720..<12 * 720 + 36]
        #expect(zip(row, Self.picture12Row0).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("what pictures 0 and 12 hold makes no difference; missing pictures have no motion")
    func places() {
        #expect(Self.tensor(absent: []) == Self.tensor(absent: [0, 12]))
        let short = Self.tensor(absent: Set(14..<24)), whole = Self.tensor(absent: [])
        for axis in 0..<2 {
            let start = axis * 24 * 720
            #expect(short[start..<start + 14 * 720] == whole[start..<start + 14 * 720])
            #expect(short[start + 14 * 720..<start + 24 * 720].allSatisfy { $0 == 0 })
        }
    }

    @Test("of the vectors at one pixel the last one counts, and those beyond the border lie on it")
    func overwriting() {
        func vector(_ x: Int16, _ y: Int16, _ motion: Int32) -> MotionVector {
            MotionVector(
                source: -1, width: 16, height: 16, sourceX: 0, sourceY: 0, destinationX: x, destinationY: y,
                motionX: motion, motionY: 0, motionScale: 2)
        }
        func largest(_ vectors: [MotionVector]) -> Float? {
            vectors.withUnsafeBufferPointer { MacroblockMaximum($0, width: 32, height: 32) }.values[1]
        }
        let unit = Float(0.5 / 32 / 0.00993703)
        #expect(largest([vector(24, 8, -6), vector(24, 8, -2)]) == 2 * unit)
        #expect(largest([vector(24, 8, -6), vector(25, 8, -2)]) == 6 * unit)
        #expect(largest([vector(40, 8, -6), vector(31, 8, -2)]) == 2 * unit)
        // Motion to the left is negative, but not less than none.
        #expect(largest([vector(24, 8, 6)]) == -6 * unit)
        #expect(largest([]) == 0)
    }

    @Test("reversing the search by a canvas changes nothing")
    func canvas() {
        var generator = Noise(key: "canvas")
        for _ in 0..<20 {
            let (width, height) = (17 + generator.below(60), 5 + generator.below(60))
            let vectors = (0..<200).map { _ in
                MotionVector(
                    source: generator.below(4) == 0 ? 1 : -1, width: 16, height: 16, sourceX: 0, sourceY: 0,
                    destinationX: Int16(generator.below(width + 20) - 10),
                    destinationY: Int16(generator.below(height + 20) - 10), motionX: Int32(generator.below(80) - 40),
                    motionY: Int32(generator.below(80) - 40), motionScale: generator.below(2) == 0 ? 2 : 4)
            }
            let fast = vectors.withUnsafeBufferPointer { MacroblockMaximum($0, width: width, height: height) }
            #expect(fast.values == canvasMaximum(vectors, width, height))
        }
    }

    /// The reference's steps: a canvas of −10000, one pixel a vector, maxima of 16 × 16 pixels.
    private func canvasMaximum(_ vectors: [MotionVector], _ width: Int, _ height: Int) -> [Float] {
        let (rows, columns) = ((height + 15) / 16, (width + 15) / 16)
        var canvas = Array(repeating: SIMD2<Float>(-10_000, -10_000), count: rows * columns * 256)
        for vector in vectors {
            let x = min(max(Int(vector.destinationX), 0), width - 1)
            let y = min(max(Int(vector.destinationY), 0), height - 1)
            let scale = Double(vector.motionScale)
            let dx = Double(vector.source * vector.motionX) / scale / Double(width) / (0.0993703 / 10)
            let dy = Double(vector.source * vector.motionY) / scale / Double(height) / (0.1130276 / 10)
            canvas[y * columns * 16 + x] = SIMD2(Float(dx), Float(dy))
        }
        var result: [Float] = []
        for axis in 0..<2 {
            for row in 0..<rows {
                for column in 0..<columns {
                    var largest: Float = -10_000
                    for pixel in 0..<256 {
                        let (y, x) = (row * 16 + pixel / 16, column * 16 + pixel % 16)
                        largest = max(largest, canvas[y * columns * 16 + x][axis])
                    }
                    result.append(largest < -1000 ? 0 : largest)
                }
            }
        }
        return result
    }

    private static func tensor(absent: Set<Int>) -> [Float] {
        let frames = (0..<24).map { picture in
            absent.contains(picture)
                ? nil
                : vectors(ofPicture: picture).withUnsafeBufferPointer {
                    MacroblockMaximum($0, width: width, height: height)
                }
        }
        return VideoLaVITMotion.tensor(frames, width: width, height: height)
    }

    /// Half-pixel vectors of the macroblocks in raster order.
    private static func vectors(ofPicture picture: Int) -> [MotionVector] {
        var noise = Noise(key: "I/mv\(picture)")
        return (0..<35).map { block in
            let (x, y) = (noise.next(), noise.next())
            return MotionVector(
                source: -1, width: 16, height: 16, sourceX: 0, sourceY: 0,
                destinationX: Int16(min(16 * (block % 7) + 8, width - 1)),
                destinationY: Int16(min(16 * (block / 7) + 8, height - 1)),
                motionX: Int32((20 * x).rounded(.toNearestOrEven)), motionY: Int32((20 * y).rounded(.toNearestOrEven)),
                motionScale: 2)
        }
    }

    private static let pooledPicture1: [Float] = [
        0.457425863, 6.86138821, 5.48911047, 1.37227762, 5.0316844, -4.5742588, 5.0316844, -1.82970345, -5.0316844,
        2.74455523, 2.2871294, -2.74455523, 1.37227762, -8.69109154, -2.2871294, 5.94653606, -3.20198107, 5.0316844,
        -7.3188138, -3.6594069, -3.6594069, 6.86138821, -6.40396214, -5.0316844, 0.0, 8.23366547, -1.82970345,
        8.69109154, -8.69109154, 1.82970345, 1.37227762, 4.5742588, -5.94653606, -1.82970345, -5.0316844,
        -5.68761206, 0.0, -0.631956875, 1.26391375, 3.79174137, 10.7432671, -8.84739685, -8.2154398, 11.3752241,
        -11.3752241, 0.631956875, 8.2154398, -9.4793539, 1.26391375, 12.6391382, 3.15978456, -9.4793539, 8.84739685,
        1.26391375, 2.5278275, -6.95152569, -8.2154398, 1.26391375, -12.0071812, -5.055655, 9.4793539, 8.84739685,
        5.68761206, -3.15978456, -0.631956875, 0.631956875, -12.6391382, 12.0071812, 3.79174137, -3.15978456,
    ]

    private static let picture12Row0: [Float] = [
        4.83175755, 4.75904512, 4.10876465, 2.97537589, 1.70659471, 0.296045333, -1.26445448, -2.98309422,
        -4.86198378, -6.7188859, -8.23052502, -9.07151318, -8.91646767, -7.46989918, -4.90065622, -1.7382791,
        1.47856295, 4.21118069, 5.8991003, 6.25384283, 5.68847513, 4.68014956, 3.70605683, 3.21022606, 3.09432721,
        3.13263774, 3.16277432, 3.0223546, 2.55711699, 1.89440596, 1.17563105, 0.455339104, -0.211934194,
        -0.771064997, -1.07159722, -1.10520458,
    ]
}

/// A hash of a key and a count, spread over −1…1: how the golden numbers' inputs were made.
struct Noise {
    private let seed: UInt32
    private var index: UInt32 = 0

    init(key: String) {
        seed = key.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    mutating func next() -> Double {
        var hash = seed &+ index &* 2_654_435_761
        index += 1
        hash ^= hash >> 16
        hash = hash &* 2_246_822_519
        hash ^= hash >> 13
        hash = hash &* 3_266_489_917
        hash ^= hash >> 16
        return 2 * Double(hash) / 4_294_967_296 - 1
    }

    mutating func below(_ limit: Int) -> Int { min(Int((next() + 1) / 2 * Double(limit)), limit - 1) }
}
