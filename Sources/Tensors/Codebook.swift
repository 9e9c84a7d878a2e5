/// A codebook of a vector quantiser: vectors are divided by their length and compared with rows that keep theirs.
public struct Codebook: Sendable {
    public let codes: Int
    public let size: Int
    private let table: AlignedMemory
    /// z · e − ½‖e‖², the larger the nearer: ‖z − e‖² = ‖z‖² − 2 (z · e − ½‖e‖²).
    private let nearness: Linear

    /// Reads the tensor `key`, [codes, size].
    public init(_ source: any ParameterSource, _ key: String, codes: Int, size: Int) {
        self.codes = codes
        self.size = size
        let table = AlignedMemory(floats: codes * size)
        let bias = AlignedMemory(floats: codes)
        var weights = PackedWeights()
        source.read(key, shape: [codes, size]) { elements in
            elements.widen(into: table.floats)
            for code in 0..<codes {
                let row = UnsafeBufferPointer(start: table.floats + code * size, count: size)
                bias.floats[code] = -row.reduce(0) { $0 + $1 * $1 } / 2
            }
            weights = PackedWeights(elements, outputs: codes, inputs: size, precision: .float32, order: nil)
        }
        self.table = table
        nearness = Linear(inputs: size, outputs: codes, precision: .float32, weights: weights, bias: bias)
    }

    /// The nearest code of a vector.
    public struct Match: Sendable, Hashable {
        public var code: Int
        /// Squared distance of the normalised vector to it, and to the next best code.
        public var distance: Float
        public var nextDistance: Float

        /// How much farther the next best code is, as a share of the distance: (d₂ − d₁) / d₁.
        public var margin: Float { (nextDistance - distance) / max(distance, .leastNormalMagnitude) }
    }

    /// The nearest code of each row of `vectors`, the first of equals.
    public func nearest(_ vectors: Matrix, _ engine: Engine) -> [Match] {
        precondition(vectors.columns == size, "\(vectors.columns) columns for codes of \(size)")
        return engine.workspace.scope {
            let unit = engine.workspace.matrix(rows: vectors.rows, columns: size)
            let scores = engine.workspace.matrix(rows: vectors.rows, columns: codes)
            for row in 0..<vectors.rows {
                let length = max(vectors[row].reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
                for index in 0..<size { unit[row, index] = vectors[row, index] / length }
            }
            engine.linear(unit, nearness, into: scores)
            return (0..<vectors.rows).map { row in
                Self.best(of: scores[row], square: unit[row].reduce(0) { $0 + $1 * $1 })
            }
        }
    }

    private static func best(of scores: UnsafeMutableBufferPointer<Float>, square: Float) -> Match {
        var best = (code: 0, score: -Float.infinity)
        var next = -Float.infinity
        for (code, score) in scores.enumerated() where score > next {
            if score > best.score {
                next = best.score
                best = (code, score)
            } else {
                next = score
            }
        }
        return Match(
            code: best.code, distance: max(square - 2 * best.score, 0), nextDistance: max(square - 2 * next, 0))
    }

    /// The rows of codes, as they are.
    public func rows(of codes: [Int], into matrix: Matrix) {
        precondition(matrix.rows == codes.count && matrix.columns == size, "a row a code")
        for (row, code) in codes.enumerated() {
            (matrix.base + row * matrix.stride).update(from: table.floats + code * size, count: size)
        }
    }
}
