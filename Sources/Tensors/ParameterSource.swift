/// How a checkpoint stores numbers.
public enum ElementType: String, Sendable, Hashable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    public var size: Int { self == .float32 ? 4 : 2 }
}

/// The elements of one tensor of a checkpoint, row-major, little-endian, not necessarily aligned; valid inside the body they are given to.
public struct ParameterElements {
    public let type: ElementType
    public let bytes: UnsafeRawBufferPointer

    public init(type: ElementType, bytes: UnsafeRawBufferPointer) {
        self.type = type
        self.bytes = bytes
    }
}

/// Where a model's initializer gets its parameters from: a checkpoint, a rule that makes them up, or a recorder that only notes which
/// ones the model has.
public protocol ParameterSource {
    /// Asks for the tensor of a key and shape. `body` gets its elements; it is not called where there are none to be had: the source
    /// remembers what was wrong (or that it only records), and its owner asks for that after the model is made.
    func read(_ key: String, shape: [Int], _ body: (ParameterElements) -> Void)

    /// Tells of a tensor that checkpoints may carry and the model has no use for; its shape is not checked.
    func skip(_ key: String, shape: [Int])
}

/// A source whose keys begin with a prefix.
public struct PrefixedSource: ParameterSource {
    private let source: any ParameterSource
    private let prefix: String

    public init(_ source: any ParameterSource, prefix: String) {
        self.source = source
        self.prefix = prefix
    }

    public func read(_ key: String, shape: [Int], _ body: (ParameterElements) -> Void) {
        source.read(prefix + key, shape: shape, body)
    }

    public func skip(_ key: String, shape: [Int]) { source.skip(prefix + key, shape: shape) }
}

extension ParameterSource {
    /// The part of the source below `prefix`, which ends in a point.
    public func below(_ prefix: String) -> PrefixedSource { PrefixedSource(self, prefix: prefix) }
}

/// Notes the parameters of a model without giving it any: what a checkpoint of the model must hold.
public final class ParameterRecorder: ParameterSource {
    public struct Parameter: Sendable, Hashable {
        public var key: String
        public var shape: [Int]
        /// False for what checkpoints carry and the model has no use for.
        public var isUsed: Bool
    }

    public private(set) var parameters: [Parameter] = []

    public init() {}

    public func read(_ key: String, shape: [Int], _ body: (ParameterElements) -> Void) {
        parameters.append(Parameter(key: key, shape: shape, isUsed: true))
    }

    public func skip(_ key: String, shape: [Int]) {
        parameters.append(Parameter(key: key, shape: shape, isUsed: false))
    }
}
