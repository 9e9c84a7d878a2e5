internal import CKernels

/// How a linear layer multiplies. Sums, residuals, norms and softmax are fp32 in all of them.
public enum Precision: String, Sendable, Hashable, CaseIterable {
    /// Weights and activations in fp32.
    case float32 = "fp32"
    /// Weights and activations rounded to bf16; half the memory of fp32. As fast as fp32 where the CPU has no bf16 instructions.
    case bfloat16 = "bf16"
    /// Weights in 16 bits with a scale an output, activations in 16 bits with a scale a row, found anew for each. Nearer to fp32 than bf16, and
    /// twice as fast as fp32 where the CPU has AVX-512 VNNI.
    case int16
    /// Weights in 8 bits with a scale an output, activations in 8 bits with a scale a row, found anew for each.
    case int8

    var kernel: vw_precision {
        switch self {
        case .float32: vw_f32
        case .bfloat16: vw_bf16
        case .int16: vw_i16
        case .int8: vw_i8
        }
    }

    /// Bytes a weight.
    public var weightSize: Int {
        switch self {
        case .float32: 4
        case .bfloat16, .int16: 2
        case .int8: 1
        }
    }

    /// For layers where 8 bits save little time and cost accuracy.
    public var forSmallLayers: Self { self == .int8 ? .int16 : self }
}

/// The instructions that the kernels use. Results are the same on any number of threads at one level, and close between levels.
public enum InstructionLevel: Int, Sendable, Hashable, CaseIterable, Comparable {
    case plain = 0
    case avx2 = 1
    /// AVX-512 with VNNI.
    case avx512 = 2
    /// And AVX512_BF16.
    case avx512bf16 = 3

    /// The highest level of this machine.
    public static let best = InstructionLevel(rawValue: Int(vw_best_level().rawValue)) ?? .plain

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    var kernel: vw_level { vw_level(UInt32(rawValue)) }
}

extension ElementType {
    var kernel: vw_element {
        switch self {
        case .float32: vw_element_f32
        case .float16: vw_element_f16
        case .bfloat16: vw_element_bf16
        }
    }
}
