internal import CKernels

/// softmax(scale · Q · Kᵀ) · V of one sequence, a head after another in the columns (Vaswani et al. 2017).
public struct Attention: Sendable {
    /// Which keys a query sees, and how their weights are normalised.
    public enum Mask: Sendable {
        /// All, by softmax.
        case none
        /// The merger's weighted softmax over kept keys up to the query's own position, and itself. A flag a key.
        case mergerCausal(keep: [UInt8])
        /// The merger's weighted softmax over the keys that are not kept.
        case mergerCross(keep: [UInt8])

        var kernel: vw_mask {
            switch self {
            case .none: vw_softmax
            case .mergerCausal: vw_merger_causal
            case .mergerCross: vw_merger_cross
            }
        }
    }

    var query: Matrix
    var key: Matrix
    var value: Matrix
    var output: Matrix
    var heads: Int
    var scale: Float
    var mask: Mask

    /// - Parameter scale: of the products; 1/√(columns a head) where none is given.
    public init(
        query: Matrix, key: Matrix, value: Matrix, output: Matrix, heads: Int, mask: Mask = .none
    ) {
        precondition(query.columns % heads == 0, "\(query.columns) columns for \(heads) heads")
        self.query = query
        self.key = key
        self.value = value
        self.output = output
        self.heads = heads
        scale = 1 / Float(query.columns / heads).squareRoot()
        self.mask = mask
    }

    /// Of a fused projection: queries, keys and values side by side.
    public init(_ fused: Matrix, output: Matrix, heads: Int, mask: Mask = .none) {
        let width = fused.columns / 3
        self.init(
            query: fused.columns(0..<width), key: fused.columns(width..<2 * width),
            value: fused.columns(2 * width..<3 * width), output: output, heads: heads, mask: mask)
    }

    func withKeepFlags(_ body: (UnsafePointer<UInt8>?) -> Void) {
        switch mask {
        case .none: body(nil)
        case .mergerCausal(let keep), .mergerCross(let keep):
            precondition(keep.count == key.rows, "a flag a key")
            keep.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
