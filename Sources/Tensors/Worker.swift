internal import CKernels

/// One thread of a pool: its memory, and the operations that it does alone.
///
/// The results of an operation do not depend on which rows are computed together, nor on which worker computes them.
public final class Worker: @unchecked Sendable {
    public let index: Int
    public let level: InstructionLevel
    public let workspace = Workspace()

    init(index: Int, level: InstructionLevel) {
        self.index = index
        self.level = level
    }

    /// y = act(norm(x) · Wᵀ + b) + residual. `y` may be `residual`, not `x`.
    public func linear(
        _ x: Matrix, _ layer: Linear, norm: LayerNorm? = nil, activation: Activation = .none,
        residual: Matrix? = nil, into y: Matrix
    ) {
        workspace.scope {
            let product = Product(
                RowSource(x, norm: norm), layer, activation, residual, y, level: level, in: workspace)
            product.prepare(0..<y.rows)
            product.multiply(0..<y.rows, panels: 0..<layer.panels, in: workspace)
        }
    }

    /// x + W₂ · gelu(W₁ · norm(x) + b₁) + b₂ in place: a transformer's feed-forward part.
    public func feedForward(_ x: Matrix, norm: LayerNorm, _ first: Linear, _ second: Linear) {
        workspace.scope {
            let hidden = workspace.matrix(rows: x.rows, columns: first.outputs)
            linear(x, first, norm: norm, activation: .gelu, into: hidden)
            linear(hidden, second, residual: x, into: x)
        }
    }

    /// Attention of every head of one sequence; see `Attention`.
    public func attend(_ attention: Attention, precision: Precision) {
        for head in 0..<attention.heads { attend(attention, head: head, precision: precision) }
    }

    func attend(_ attention: Attention, head: Int, precision: Precision) {
        let size = attention.query.columns / attention.heads
        let columns = head * size..<(head + 1) * size
        let (q, k, v, y) = (
            attention.query.columns(columns), attention.key.columns(columns), attention.value.columns(columns),
            attention.output.columns(columns)
        )
        workspace.scope {
            let scratch = workspace.bytes(
                vw_attention_scratch(level.kernel, precision.kernel, q.rows, k.rows, size))
            attention.withKeepFlags { keep in
                var arguments = vw_attention(
                    q: q.base, k: k.base, v: v.base, q_stride: q.stride, k_stride: k.stride, v_stride: v.stride,
                    y: y.base, y_stride: y.stride, queries: q.rows, keys: k.rows, head: size,
                    scale: attention.scale, mask: attention.mask.kernel, keep: keep)
                vw_attend(level.kernel, precision.kernel, &arguments, scratch)
            }
        }
    }

    public func layerNorm(_ x: Matrix, _ norm: LayerNorm, into y: Matrix) {
        RowSource(x, norm: norm).withKernel { rows in
            vw_layer_norm(level.kernel, rows, 0, x.rows, y.base, y.stride)
        }
    }
}

/// The rows that a product takes from a matrix.
struct RowSource {
    let x: Matrix
    let norm: LayerNorm?
    /// Rows of x that make up each row, −1 for zeros; nil: rows as they are.
    let gather: UnsafePointer<Int32>?
    let segments: Int

    init(_ x: Matrix, norm: LayerNorm? = nil, gather: UnsafePointer<Int32>? = nil, segments: Int = 1) {
        self.x = x
        self.norm = norm
        self.gather = gather
        self.segments = segments
    }

    var columns: Int { x.columns * segments }

    func withKernel(_ body: (UnsafePointer<vw_rows>) -> Void) {
        var rows = vw_rows(
            x: x.base, stride: x.stride, columns: columns, gamma: norm?.scale.floats, beta: norm?.shift.floats,
            epsilon: norm?.epsilon ?? 0, gather: gather, segments: segments)
        body(&rows)
    }

    /// Some of the rows.
    func rows(_ range: Range<Int>) -> RowSource {
        guard let gather else { return RowSource(x.rows(range), norm: norm) }
        return RowSource(x, norm: norm, gather: gather + range.lowerBound * segments, segments: segments)
    }
}

/// A product in the making: the left operand in a workspace, prepared and multiplied in tiles.
struct Product: @unchecked Sendable {
    private let source: RowSource
    private let layer: Linear
    private let level: vw_level
    private let precision: vw_precision
    private let left: UnsafeMutableRawPointer
    private let scales: UnsafeMutablePointer<vw_row_scale>
    private let arguments: vw_product

    init(
        _ source: RowSource, _ layer: Linear, _ activation: Activation, _ residual: Matrix?, _ y: Matrix,
        level: InstructionLevel, in workspace: Workspace
    ) {
        precondition(source.columns == layer.inputs, "\(source.columns) columns for \(layer.inputs) inputs")
        precondition(y.columns == layer.outputs, "\(layer.outputs) outputs for \(y.columns) columns")
        self.source = source
        self.layer = layer
        self.level = level.kernel
        precision = layer.precision.kernel
        left = workspace.bytes(y.rows * vw_left_stride(level.kernel, layer.precision.kernel, layer.inputs))
        scales = workspace.bytes(y.rows * MemoryLayout<vw_row_scale>.stride)
            .assumingMemoryBound(to: vw_row_scale.self)
        arguments = vw_product(
            inputs: layer.inputs, outputs: layer.outputs, packed: layer.weights.memory.base,
            weight_scales: layer.weights.scales.floats, left: left, left_scales: scales,
            bias: layer.bias?.floats, activation: activation.kernel, residual: residual?.base,
            residual_stride: residual?.stride ?? 0, y: y.base, y_stride: y.stride)
    }

    func prepare(_ rows: Range<Int>) {
        source.withKernel { vw_prepare(level, precision, $0, rows.lowerBound, rows.count, left, scales) }
    }

    func multiply(_ rows: Range<Int>, panels: Range<Int>, in workspace: Workspace) {
        workspace.scope {
            let scratch = workspace.bytes(vw_multiply_scratch(level, precision, layer.inputs))
            var arguments = arguments
            vw_multiply(
                level, precision, &arguments, rows.lowerBound, rows.count, panels.lowerBound, panels.count, scratch)
        }
    }
}
