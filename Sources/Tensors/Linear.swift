internal import CKernels

/// What follows a linear layer's bias.
public enum Activation: Sendable, Hashable {
    case none
    /// x · Φ(x), by the error function.
    case gelu
    case tanh

    var kernel: vw_activation {
        switch self {
        case .none: vw_no_activation
        case .gelu: vw_gelu
        case .tanh: vw_tanh
        }
    }
}

/// y = x · Wᵀ + b with weights packed for the kernels.
public struct Linear: Sendable {
    /// Where the bias comes from.
    public enum Bias: Sendable {
        /// `name.bias`
        case own
        /// Of a fused projection to queries, keys and values whose keys have none: [q ; 0 ; v].
        case queryAndValue(query: String, value: String)
    }

    public let inputs: Int
    public let outputs: Int
    public let precision: Precision
    let weights: PackedWeights
    let bias: AlignedMemory?

    /// Reads `name.weight`, [outputs, inputs], and the bias.
    public init(
        _ source: any ParameterSource, _ name: String, _ inputs: Int, _ outputs: Int, bias: Bias = .own,
        precision: Precision
    ) {
        self.init(
            source, weight: name + ".weight", shape: [outputs, inputs], inputs: inputs, outputs: outputs,
            bias: Self.makeBias(source, name, outputs, bias), precision: precision)
    }

    /// A convolution whose steps are as large as its kernel: reads `name.weight`, [outputs] + shape, over the flattened patches.
    public init(
        _ source: any ParameterSource, _ name: String, shape: [Int], _ outputs: Int, precision: Precision
    ) {
        self.init(
            source, weight: name + ".weight", shape: [outputs] + shape, inputs: shape.reduce(1, *), outputs: outputs,
            bias: .parameter(source, name + ".bias", shape: [outputs]), precision: precision)
    }

    /// - Parameter shape: of the tensor; the first dimension counts outputs, the others lie in the order of the inputs.
    /// - Parameter order: rearranges one output's elements from the checkpoint's order; element i is taken from `order[i]`.
    init(
        _ source: any ParameterSource, weight key: String, shape: [Int], inputs: Int, outputs: Int,
        bias: AlignedMemory?, precision: Precision, order: [Int]? = nil
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.precision = precision
        self.bias = bias
        var packed: PackedWeights?
        source.read(key, shape: shape) { elements in
            packed = PackedWeights(elements, outputs: outputs, inputs: inputs, precision: precision, order: order)
        }
        weights = packed ?? PackedWeights()
    }

    init(inputs: Int, outputs: Int, precision: Precision, weights: PackedWeights, bias: AlignedMemory?) {
        self.inputs = inputs
        self.outputs = outputs
        self.precision = precision
        self.weights = weights
        self.bias = bias
    }

    private static func makeBias(
        _ source: any ParameterSource, _ name: String, _ outputs: Int, _ bias: Bias
    ) -> AlignedMemory {
        switch bias {
        case .own: return .parameter(source, name + ".bias", shape: [outputs])
        case .queryAndValue(let query, let value):
            let memory = AlignedMemory(floats: outputs)
            let width = outputs / 3
            source.read(query, shape: [width]) { $0.widen(into: memory.floats) }
            source.read(value, shape: [width]) { $0.widen(into: memory.floats + 2 * width) }
            return memory
        }
    }

    /// Panels of outputs, the unit in which tiles are cut.
    var panels: Int { (outputs + Int(vw_panel) - 1) / Int(vw_panel) }
}

/// Weights in the kernels' own order.
final class PackedWeights: Sendable {
    let memory: AlignedMemory
    /// A scale an output (int16, int8).
    let scales: AlignedMemory

    /// None: what a recorder makes.
    init() {
        memory = AlignedMemory(bytes: 0)
        scales = AlignedMemory(bytes: 0)
    }

    init(_ elements: ParameterElements, outputs: Int, inputs: Int, precision: Precision, order: [Int]?) {
        memory = AlignedMemory(bytes: vw_packed_bytes(precision.kernel, outputs, inputs))
        let panel = Int(vw_panel)
        scales = AlignedMemory(
            floats: precision == .int8 || precision == .int16 ? (outputs + panel - 1) / panel * panel : 0)
        guard let source = elements.bytes.baseAddress else { return }
        func pack(_ first: Int, _ count: Int, _ rows: UnsafeRawPointer) {
            vw_pack(
                InstructionLevel.best.kernel, precision.kernel, outputs, inputs, first, count, elements.type.kernel,
                rows, memory.base, scales.floats)
        }
        guard let order else {
            pack(0, outputs, source)
            return
        }
        let size = elements.type.size
        let ordered = AlignedMemory(bytes: panel * inputs * size)
        for first in stride(from: 0, to: outputs, by: panel) {
            let count = min(panel, outputs - first)
            for row in 0..<count {
                let from = source + (first + row) * inputs * size
                let to = ordered.base + row * inputs * size
                for (index, origin) in order.enumerated() {
                    (to + index * size).copyMemory(from: from + origin * size, byteCount: size)
                }
            }
            pack(first, count, ordered.base)
        }
    }
}
