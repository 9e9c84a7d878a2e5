package import Media

/// The motion of one picture in Video-LaVIT's own gridding: in each 16 × 16 cell the largest horizontal and the largest vertical displacement of
/// the vectors whose block centre lies in it (arXiv 2402.03161 and its public code).
///
/// The reference writes each vector into one pixel of a canvas and takes maxima of it. Here no canvas is needed: of the vectors at one
/// pixel the last one counts, and the rest is a maximum.
package struct MacroblockMaximum: Sendable, Hashable {
    package static let side = 16
    /// What is smaller is no motion: it marks cells without vectors.
    private static let least: Float = -1000

    package let rows: Int
    package let columns: Int
    /// Horizontal, then vertical; rows × columns each; in the motion tokenizer's units. 0 where there are no vectors.
    package private(set) var values: [Float]

    /// No motion.
    package init(width: Int, height: Int) {
        rows = (height + Self.side - 1) / Self.side
        columns = (width + Self.side - 1) / Self.side
        values = Array(repeating: 0, count: 2 * rows * columns)
    }

    package init(_ vectors: UnsafeBufferPointer<MotionVector>, width: Int, height: Int) {
        self.init(width: width, height: height)
        let cells = rows * columns
        var taken = [UInt64](repeating: 0, count: (width * height + 63) / 64)
        var maxima = [Float](repeating: -.infinity, count: values.count)
        // From the last vector on: the first one that comes to a pixel stays.
        for vector in vectors.reversed() {
            let x = min(max(Int(vector.destinationX), 0), width - 1)
            let y = min(max(Int(vector.destinationY), 0), height - 1)
            let (word, bit) = (y * width + x).quotientAndRemainder(dividingBy: 64)
            guard taken[word] >> UInt64(bit) & 1 == 0 else { continue }
            taken[word] |= 1 << UInt64(bit)
            let value = Self.displacement(of: vector, SIMD2(Double(width), Double(height)))
            let cell = y / Self.side * columns + x / Self.side
            maxima[cell] = max(maxima[cell], value.x)
            maxima[cells + cell] = max(maxima[cells + cell], value.y)
        }
        for index in maxima.indices where maxima[index] >= Self.least { values[index] = maxima[index] }
    }

    /// Towards where the content went, in the picture's sides and then in the tokenizer's units.
    private static func displacement(of vector: MotionVector, _ size: SIMD2<Double>) -> SIMD2<Float> {
        let motion = SIMD2(Double(vector.motionX), Double(vector.motionY)) * Double(vector.source.signum())
        return SIMD2<Float>(motion / Double(max(vector.motionScale, 1)) / size / VideoLaVITInput.unit)
    }

    /// Element by element, half of the sum.
    static func mean(_ first: Self, _ second: Self) -> Self {
        var result = first
        for index in result.values.indices { result.values[index] = 0.5 * (first.values[index] + second.values[index]) }
        return result
    }
}
