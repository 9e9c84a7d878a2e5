import Foundation

/// The first layer of the specification's toy Q-Former (specs/ma-lmm.md §4 and §11 B), in double precision: what it gives is what the second layer's
/// query bank remembers.
///
/// It has no bank of its own: its input never changes, and attention over equal copies is attention over one of them.
struct ToyQFormer {
    /// Rows of numbers.
    typealias Matrix = [[Double]]

    private static let hidden = 32
    private static let heads = 4
    private static let encoder = 48
    private static let queries = 4
    private static let text = [2, 7, 11, 3, 19]
    private static let layer = "encoder.layer.0"

    /// - Parameter visual: the slots of the visual bank, one after the other: a row a location.
    /// - Returns: queries, then text.
    static func firstLayer(visual: Matrix) -> Matrix {
        let input = embedding
        let attended = attention("\(layer).attention", input, over: input)
        let seeing = attention("\(layer).crossattention", Array(attended[..<queries]), over: visual)
        return feedForward("_query", seeing) + feedForward("", Array(attended[queries...]))
    }

    private static var embedding: Matrix {
        let words = parameter("embeddings.word_embeddings.weight", rows: 50, columns: hidden)
        let positions = parameter("embeddings.position_embeddings.weight", rows: 32, columns: hidden)
        let tokens = Fill.values("query_tokens", queries * hidden, times: 0.5).map { Double($0) }
        let rows = (0..<queries).map { Array(tokens[$0 * hidden..<($0 + 1) * hidden]) }
        return norm("embeddings.LayerNorm", rows + text.enumerated().map { sum(words[$1], positions[$0]) })
    }

    private static func attention(_ name: String, _ rows: Matrix, over others: Matrix) -> Matrix {
        let query = linear("\(name).self.query", rows, outputs: hidden)
        let key = linear("\(name).self.key", others, outputs: hidden)
        let value = linear("\(name).self.value", others, outputs: hidden)
        let width = hidden / heads
        let mixed = query.map { row in
            (0..<heads).flatMap { head -> [Double] in
                let part = head * width..<(head + 1) * width
                let scores = key.map { exp(dot(row[part], $0[part]) / Double(width).squareRoot()) }
                let whole = scores.reduce(0, +)
                return part.map { column in zip(scores, value).reduce(0) { $0 + $1.0 * $1.1[column] } / whole }
            }
        }
        return output("\(name).output", mixed, residual: rows)
    }

    private static func feedForward(_ kind: String, _ rows: Matrix) -> Matrix {
        let inner = linear("\(layer).intermediate\(kind).dense", rows, outputs: 64)
        let active = inner.map { $0.map { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) } }
        return output("\(layer).output\(kind)", active, residual: rows)
    }

    private static func output(_ name: String, _ rows: Matrix, residual: Matrix) -> Matrix {
        norm("\(name).LayerNorm", zip(linear("\(name).dense", rows, outputs: hidden), residual).map { sum($0, $1) })
    }

    private static func linear(_ name: String, _ rows: Matrix, outputs: Int) -> Matrix {
        let weight = parameter("\(name).weight", rows: outputs, columns: rows[0].count)
        let bias = parameter("\(name).bias", rows: 1, columns: outputs)[0]
        return rows.map { row in zip(weight, bias).map { dot($0[...], row[...]) + $1 } }
    }

    private static func norm(_ name: String, _ rows: Matrix) -> Matrix {
        let weight = parameter("\(name).weight", rows: 1, columns: hidden)[0]
        let bias = parameter("\(name).bias", rows: 1, columns: hidden)[0]
        return rows.map { row in
            let mean = row.reduce(0, +) / Double(hidden)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(hidden)
            return row.indices.map { (row[$0] - mean) / (variance + 1e-12).squareRoot() * weight[$0] + bias[$0] }
        }
    }

    /// The weight rule of §11.
    private static func parameter(_ name: String, rows: Int, columns: Int) -> Matrix {
        let name = "Qformer.bert.\(name)"
        let parts = name.split(separator: ".")
        let isNorm = parts[parts.count - 1] == "weight" && parts[parts.count - 2].lowercased().contains("norm")
        return (0..<rows).map { row in
            (0..<columns).map { column in
                let value = Fill.uniform(name, row * columns + column)
                return Double(Float(isNorm ? 1 + 0.1 * value : 0.2 * value))
            }
        }
    }

    private static func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
    private static func dot(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
