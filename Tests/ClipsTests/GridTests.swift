import Clips
import Media
import MediaTesting
import Testing

/// The grids against slow and obvious twins that go pixel by pixel.
@Suite struct GridTests {
    @Test(
        "block sums equal those of single pixels where cells are whole pixels wide",
        arguments: [(72, 40), (720, 400), (1_080, 1_080)])
    func exact(width: Int, height: Int) {
        let vectors = Self.makeVectors(width: width, height: height, count: 3_000)
        var sums = CellSums(count: MotionField.cells)
        vectors.withUnsafeBufferPointer { CellGrid(width: width, height: height).add($0, to: &sums) }
        #expect(sums == Self.sumPixels(vectors, width: width, height: height, perPixel: (1, 1)))
    }

    @Test("cut pixels are shared out by area", arguments: [(50, 33), (35, 19), (641, 363)])
    func cutPixels(width: Int, height: Int) {
        let vectors = Self.makeVectors(width: width, height: height, count: 40)
        var sums = CellSums(count: MotionField.cells)
        vectors.withUnsafeBufferPointer { CellGrid(width: width, height: height).add($0, to: &sums) }
        // Each pixel as 36 × 20 points: no cell border cuts one.
        #expect(sums == Self.sumPixels(vectors, width: width, height: height, perPixel: (36, 20)))
    }

    @Test("any blocks whatsoever add up without a trap")
    func hostile() {
        var random = Generator(state: 5)
        let vectors = (0..<5_000).map { _ in
            MotionVector(
                source: .random(in: -3...3, using: &random), width: .random(in: 0...255, using: &random),
                height: .random(in: 0...255, using: &random), sourceX: 0, sourceY: 0,
                destinationX: .random(in: .min ... .max, using: &random),
                destinationY: .random(in: .min ... .max, using: &random),
                motionX: .random(in: .min ... .max, using: &random),
                motionY: .random(in: .min ... .max, using: &random), motionScale: .random(in: 0...8, using: &random))
        }
        for (width, height) in [(1, 1), (16, 16), (1_920, 1_080), (65_535, 65_535)] {
            var sums = CellSums(count: MotionField.cells)
            vectors.withUnsafeBufferPointer { CellGrid(width: width, height: height).add($0, to: &sums) }
            #expect(sums.cells.allSatisfy { $0.area >= 0 })
        }
    }

    @Test(
        "luma and texture equal those of a slow twin",
        arguments: [(640, 360, 8), (1_920, 1_080, 8), (333, 77, 8), (16, 16, 8), (322, 242, 10), (4, 4, 16)])
    func luma(width: Int, height: Int, bitDepth: Int) throws {
        var random = Generator(state: 3)
        let highest = (1 << bitDepth) - 1
        let samples = (0..<width * height).map { index in
            min(index % width * highest / width / 2 + Int.random(in: 0...highest / 2, using: &random), highest)
        }
        let bytes = bitDepth > 8 ? samples.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } : samples.map { UInt8($0) }
        let grid = try #require(
            bytes.withUnsafeBytes { bytes in
                bytes.baseAddress.flatMap {
                    LumaGrid(
                        LumaView(
                            base: $0, bytesPerRow: bytes.count / height, width: width, height: height,
                            bitDepth: bitDepth))
                }
            })
        let scale = 255 / Double((1 << bitDepth) - (1 << (bitDepth - 8)))
        let twin = Self.slowLuma(samples.map { Double($0) * scale }, width: width, height: height)
        for cell in 0..<MotionField.cells {
            #expect(abs(Double(grid.mean[cell]) - twin[cell].mean) < 1e-3)
            #expect(abs(Double(grid.texture[cell]) - twin[cell].deviation) < 1e-3)
        }
    }

    private static func makeVectors(width: Int, height: Int, count: Int) -> [MotionVector] {
        var random = Generator(state: UInt64(width))
        return (0..<count).map { _ in
            let size = [4, 8, 16].randomElement(using: &random) ?? 8
            return MotionVector.block(
                x: .random(in: -20..<width + 4, using: &random), y: .random(in: -20..<height + 4, using: &random),
                width: size, height: [4, 8, 16].randomElement(using: &random) ?? 8,
                motion: (.random(in: -200...200, using: &random), .random(in: -200...200, using: &random)))
        }
    }

    private static func sumPixels(
        _ vectors: [MotionVector], width: Int, height: Int, perPixel: (x: Int, y: Int)
    ) -> CellSums {
        var sums = CellSums(count: MotionField.cells)
        let weight = Int64(720 / perPixel.x / perPixel.y)
        for vector in vectors {
            let left = Int(vector.destinationX) - Int(vector.width) / 2
            let top = Int(vector.destinationY) - Int(vector.height) / 2
            for y in max(top, 0) * perPixel.y..<max(min(top + Int(vector.height), height), max(top, 0)) * perPixel.y {
                for x in max(left, 0) * perPixel.x..<max(min(left + Int(vector.width), width), max(left, 0))
                    * perPixel.x
                {
                    let column = x * 36 / (width * perPixel.x), row = y * 20 / (height * perPixel.y)
                    sums.cells[row * 36 + column].area += weight
                    sums.cells[row * 36 + column].x += weight * Int64(vector.motionX)
                    sums.cells[row * 36 + column].y += weight * Int64(vector.motionY)
                }
            }
        }
        return sums
    }

    private static func slowLuma(
        _ samples: [Double], width: Int, height: Int
    ) -> [(mean: Double, deviation: Double)] {
        var quarter: [[Double]] = []
        for y in 0..<height / 4 {
            quarter.append(
                (0..<width / 4).map { x in
                    var sum = 0.0
                    for line in 0..<4 {
                        for column in 0..<4 { sum += samples[(4 * y + line) * width + 4 * x + column] }
                    }
                    return sum / 16
                })
        }
        func overlaps(_ cell: Int, _ cells: Int, _ pixels: Int) -> [(sample: Int, part: Double)] {
            let low = Double(cell * pixels) / Double(cells), high = Double((cell + 1) * pixels) / Double(cells)
            return (0..<pixels / 4).compactMap { sample in
                let part = min(high, Double(4 * sample + 4)) - max(low, Double(4 * sample))
                return part > 1e-9 ? (sample, part) : nil
            }
        }
        return (0..<MotionField.cells).map { cell in
            var weights: [(value: Double, weight: Double)] = []
            for (y, tall) in overlaps(cell / 36, 20, height) {
                for (x, wide) in overlaps(cell % 36, 36, width) { weights.append((quarter[y][x], tall * wide)) }
            }
            let total = weights.reduce(0) { $0 + $1.weight }
            guard total > 0 else { return (0, 0) }
            let mean = weights.reduce(0) { $0 + $1.value * $1.weight } / total
            let variance = weights.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) * $1.weight } / total
            return (mean, variance.squareRoot())
        }
    }
}
