/// What a computation does on all threads of a pool. It lives inside `WorkerPool.perform`.
///
/// How the work is cut depends on shapes alone, and no number depends on how it is cut: results are the same on any number of threads.
public struct Engine {
    private let pool: WorkerPool

    init(pool: WorkerPool) { self.pool = pool }

    /// The memory of the computation itself; tasks use their worker's.
    public var workspace: Workspace { pool.first.workspace }

    /// Runs `body` for each task 0 ..< count on the pool's threads, in any order. Not nested.
    public func forEach(_ count: Int, _ body: @Sendable (_ task: Int, _ worker: Worker) -> Void) {
        pool.forEach(count, body)
    }

    /// y = act(norm(x) · Wᵀ + b) + residual. `y` may be `residual`, not `x`.
    public func linear(
        _ x: Matrix, _ layer: Linear, norm: LayerNorm? = nil, activation: Activation = .none,
        residual: Matrix? = nil, into y: Matrix
    ) {
        product(RowSource(x, norm: norm), layer, activation, residual, y)
    }

    /// y = the convolution of x, [input tokens, channels] to [output tokens, channels].
    public func convolution(_ x: Matrix, _ layer: Convolution3D, into y: Matrix) {
        precondition(x.rows == layer.input.count && y.rows == layer.output.count, "tokens do not match")
        product(RowSource(x, gather: layer.gather, segments: 27), layer.layer, .none, nil, y)
    }

    /// x + W₂ · gelu(W₁ · norm(x) + b₁) + b₂ in place: a transformer's feed-forward part.
    public func feedForward(_ x: Matrix, norm: LayerNorm, _ first: Linear, _ second: Linear) {
        workspace.scope {
            let hidden = workspace.matrix(rows: x.rows, columns: first.outputs)
            linear(x, first, norm: norm, activation: .gelu, into: hidden)
            linear(hidden, second, residual: x, into: x)
        }
    }

    /// Attention, a head a task.
    public func attend(_ attention: Attention, precision: Precision) {
        forEach(attention.heads) { head, worker in worker.attend(attention, head: head, precision: precision) }
    }

    public func layerNorm(_ x: Matrix, _ norm: LayerNorm, into y: Matrix) {
        pool.first.layerNorm(x, norm, into: y)
    }

    /// Rows that are prepared, or multiplied, in one task.
    private static let preparedRows = 24
    private static let multipliedRows = 728
    private static let multipliedPanels = 8

    private func product(
        _ source: RowSource, _ layer: Linear, _ activation: Activation, _ residual: Matrix?, _ y: Matrix
    ) {
        // Enough rows a block to make use of each panel of weights, few enough to keep them in the caches.
        for first in stride(from: 0, to: y.rows, by: Self.multipliedRows) {
            let rows = first..<min(first + Self.multipliedRows, y.rows)
            workspace.scope {
                let product = Product(
                    source.rows(rows), layer, activation, residual?.rows(rows), y.rows(rows),
                    level: pool.first.level, in: workspace)
                let parts = Self.parts(rows.count, of: Self.preparedRows)
                forEach(parts.count) { task, _ in product.prepare(parts[task]) }
                let panels = Self.parts(layer.panels, of: Self.multipliedPanels)
                forEach(panels.count) { task, worker in
                    product.multiply(0..<rows.count, panels: panels[task], in: worker.workspace)
                }
            }
        }
    }

    private static func parts(_ count: Int, of size: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }
}
