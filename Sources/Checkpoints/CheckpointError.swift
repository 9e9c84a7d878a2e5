/// What is wrong with a checkpoint: the file or the entry, what was found there, and what to do.
public struct CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// It does not exist, or may not be read.
        case unreadable
        /// The bytes are not what they should be, or not those of this model.
        case unusable
        /// What was to be written cannot be.
        case unwritable
    }

    public let kind: Kind
    public let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// What is wrong inside a file; who opened the file adds its name.
package struct FormatError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
