/// How Video-LaVIT's tokenizers are loaded and run.
public struct TokenizerSettings: Sendable, Hashable {
    /// How the model's layers multiply; see `Tensors.Precision`.
    public enum Precision: String, Sendable, Hashable, CaseIterable { case fp32, bf16, int16, int8 }

    /// How the selector decides which parts of a key picture become tokens.
    public enum Selector: String, Sendable, Hashable, CaseIterable {
        /// Those that are likelier to be kept than not.
        case deterministic
        /// By chance, as the reference does it; `seed` makes it repeatable.
        case gumbel
    }

    /// The checkpoint's folder, as the model hub serves it.
    public var path: String
    public var precision = Precision.int16
    /// Nil: as many as the machine has cores.
    public var threads: Int?
    public var selector = Selector.deterministic
    public var seed = 0
    /// A folder for continuous features; nil: none are made.
    public var features: String?

    public init(path: String) {
        self.path = path
    }
}
