/// Resizing of 8-bit pictures as Pillow's `Image.resize` with `BICUBIC` does it, to the bit: a = −0.5, widened by the factor of reduction
/// (antialiased), rows first, then columns, each in fixed point with 22 fraction bits and limited to 0…255.
public enum PillowBicubic {
    private static let fractionBits: Int32 = 22
    private static let channels = 3

    /// - Parameter rgb: height × width × 3.
    /// - Returns: newHeight × newWidth × 3.
    public static func resize(
        _ rgb: [UInt8], width: Int, height: Int, toWidth newWidth: Int, height newHeight: Int
    ) -> [UInt8] {
        precondition(width > 0 && height > 0 && newWidth > 0 && newHeight > 0, "a picture without pixels")
        precondition(rgb.count == width * height * channels, "not three bytes a pixel")
        let horizontal = windows(of: width, in: newWidth)
        let vertical = windows(of: height, in: newHeight)
        let narrow = [UInt8](unsafeUninitializedCapacity: height * newWidth * channels) { target, count in
            rgb.withUnsafeBufferPointer { source in
                for row in 0..<height {
                    for window in horizontal {
                        let first = (row * width + window.start) * channels
                        let sum = sum(window.weights, source, from: first, step: channels)
                        for channel in 0..<channels { target.initializeElement(at: count + channel, to: sum[channel]) }
                        count += channels
                    }
                }
            }
        }
        let step = newWidth * channels
        return [UInt8](unsafeUninitializedCapacity: newHeight * step) { target, count in
            narrow.withUnsafeBufferPointer { source in
                for window in vertical {
                    for column in 0..<newWidth {
                        let first = window.start * step + column * channels
                        let sum = sum(window.weights, source, from: first, step: step)
                        for channel in 0..<channels { target.initializeElement(at: count + channel, to: sum[channel]) }
                        count += channels
                    }
                }
            }
        }
    }

    /// A new sample's sources: as many from `start` on as there are weights, in fixed point.
    private struct Window {
        var start: Int
        var weights: [Int32]
    }

    @inline(__always)
    private static func sum(
        _ weights: [Int32], _ source: UnsafeBufferPointer<UInt8>, from first: Int, step: Int
    ) -> SIMD4<UInt8> {
        var sum = SIMD4<Int32>(repeating: 1 << (fractionBits - 1))
        var place = first
        for weight in weights {
            let pixel = SIMD4(Int32(source[place]), Int32(source[place + 1]), Int32(source[place + 2]), 0)
            // Weights add up to about 1 and none is far beyond it: 2⁸ · 2²² stays well inside 32 bits.
            sum &+= pixel &* weight
            place += step
        }
        let limited = (sum &>> fractionBits).clamped(
            lowerBound: SIMD4(repeating: 0), upperBound: SIMD4(repeating: 255))
        return SIMD4<UInt8>(truncatingIfNeeded: limited)
    }

    private static func windows(of length: Int, in newLength: Int) -> [Window] {
        let scale = Double(length) / Double(newLength)
        let widening = max(scale, 1)
        let support = 2 * widening
        return (0..<newLength).map { place in
            let centre = (Double(place) + 0.5) * scale
            let start = max(Int(centre - support + 0.5), 0)
            let end = min(Int(centre + support + 0.5), length)
            var weights = (start..<end).map { kernel((Double($0) - centre + 0.5) * (1 / widening)) }
            let total = weights.reduce(0, +)
            if total != 0 { weights = weights.map { $0 / total } }
            return Window(start: start, weights: weights.map(fixedPoint))
        }
    }

    /// Halves go away from zero.
    private static func fixedPoint(_ weight: Double) -> Int32 {
        Int32(weight * Double(1 << fractionBits) + (weight < 0 ? -0.5 : 0.5))
    }

    private static func kernel(_ distance: Double) -> Double {
        let a = -0.5
        let x = abs(distance)
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
        return 0
    }
}
