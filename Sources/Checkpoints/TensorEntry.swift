package import Tensors

/// One tensor of a file: where its bytes are and what they mean.
package struct TensorEntry: Sendable, Hashable {
    package var key: String
    package var type: StoredType
    package var shape: [Int]
    /// In bytes of the file.
    package var range: Range<Int>
}

/// The type of a tensor's elements as its file names it, in the spelling of safetensors.
package struct StoredType: Sendable, Hashable {
    package var name: String

    package init(_ name: String) {
        self.name = name
    }

    /// Nil for types that no model here reads.
    package var elementType: ElementType? { ElementType(rawValue: name) }

    /// Bytes an element; nil for types that are not known.
    package var size: Int? {
        switch name {
        case "BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2": 1
        case "F16", "BF16", "I16", "U16": 2
        case "F32", "I32", "U32": 4
        case "F64", "I64", "U64", "C64": 8
        default: nil
        }
    }
}

extension [Int] {
    /// The product of the dimensions of a shape; nil where it is no shape, or too large for any file.
    package var elementCount: Int? {
        var product = 1
        var isEmpty = false
        for dimension in self {
            guard dimension >= 0 else { return nil }
            if dimension == 0 {
                isEmpty = true
                continue
            }
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard !overflow else { return nil }
            product = next
        }
        return isEmpty ? 0 : product
    }

    /// 1408 × 3 × 14 × 14; a single number is a scalar.
    package var shapeText: String {
        isEmpty ? "a scalar" : map(String.init).joined(separator: "×")
    }
}
