internal import CKernels

/// Layer normalisation with scale and shift (Ba, Kiros, Hinton 2016); the variance is the biased one.
public struct LayerNorm: Sendable {
    public let columns: Int
    public let epsilon: Float
    let scale: AlignedMemory
    let shift: AlignedMemory

    /// Reads `name.weight` and `name.bias`.
    public init(_ source: any ParameterSource, _ name: String, _ columns: Int, epsilon: Float) {
        self.columns = columns
        self.epsilon = epsilon
        scale = .parameter(source, name + ".weight", shape: [columns])
        shift = .parameter(source, name + ".bias", shape: [columns])
    }
}

extension AlignedMemory {
    /// A tensor in fp32; zeros where the source has none.
    static func parameter(_ source: any ParameterSource, _ key: String, shape: [Int]) -> AlignedMemory {
        let memory = AlignedMemory(floats: shape.reduce(1, *))
        source.read(key, shape: shape) { $0.widen(into: memory.floats) }
        return memory
    }
}

extension ParameterElements {
    /// Writes all elements as fp32.
    public func widen(into floats: UnsafeMutablePointer<Float>) {
        vw_widen(InstructionLevel.best.kernel, type.kernel, bytes.baseAddress, bytes.count / type.size, floats)
    }

    /// The first element that is NaN or infinite.
    public var firstNonFinite: Int? {
        let count = bytes.count / type.size
        let index = vw_find_nonfinite(InstructionLevel.best.kernel, type.kernel, bytes.baseAddress, count)
        return index < count ? index : nil
    }
}

/// A table that is added to activations, such as learned positions: fp32, row-major.
public struct Table: Sendable {
    public let count: Int
    private let memory: AlignedMemory

    public init(_ source: any ParameterSource, _ key: String, shape: [Int]) {
        count = shape.reduce(1, *)
        memory = .parameter(source, key, shape: shape)
    }

    public var values: UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: memory.floats, count: count) }
}
