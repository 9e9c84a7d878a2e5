/// How alike two pieces of features are.
enum Cosine {
    /// Lengths below this count as this (MA-LMM's reference).
    private static let minimumLength = 1e-8

    /// The mean over the locations of ⟨a, b⟩ / (|a| · |b|). Both have `locations` rows of equal length. The same values give the same bits.
    static func mean(_ a: [Float], _ b: [Float], locations: Int) -> Double {
        let channels = a.count / locations
        return a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                var sum = 0.0
                for location in 0..<locations {
                    var (product, first, second) = (0.0, 0.0, 0.0)
                    for index in location * channels..<(location + 1) * channels {
                        let (x, y) = (Double(a[index]), Double(b[index]))
                        product += x * y
                        first += x * x
                        second += y * y
                    }
                    sum += product / (max(first.squareRoot(), minimumLength) * max(second.squareRoot(), minimumLength))
                }
                return sum / Double(locations)
            }
        }
    }
}
