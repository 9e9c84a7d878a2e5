internal import Tensors

/// Pickles of protocol 2, as torch.save writes them.
enum Pickle {
    /// A dictionary of tensors; tensor n is all of the archive's `data/n`.
    static func stateDictionary(_ tensors: [(key: String, shape: [Int])], type: ElementType) -> [UInt8] {
        let storage =
            switch type {
            case .float32: "FloatStorage"
            case .float16: "HalfStorage"
            case .bfloat16: "BFloat16Storage"
            }
        var pickle: [UInt8] = [0x80, 2]
        pickle += "}("
        for (index, tensor) in tensors.enumerated() {
            pickle.appendText(tensor.key)
            pickle += "ctorch._utils\n_rebuild_tensor_v2\n(("
            pickle.appendText("storage")
            pickle += "ctorch\n\(storage)\n"
            pickle.appendText("\(index)")
            pickle.appendText("cpu")
            pickle.appendNumber(tensor.shape.reduce(1, *))
            pickle += "tQ"
            pickle.appendNumber(0)
            pickle.appendTuple(tensor.shape)
            pickle.appendTuple(strides(tensor.shape))
            // No gradient, and no hooks.
            pickle += [0x89]
            pickle += "ccollections\nOrderedDict\n)RtR"
        }
        pickle += "u."
        return pickle
    }

    private static func strides(_ shape: [Int]) -> [Int] {
        shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
    }
}

extension [UInt8] {
    fileprivate static func += (pickle: inout [UInt8], text: String) {
        pickle.append(contentsOf: text.utf8)
    }

    fileprivate mutating func appendText(_ text: String) {
        append(UInt8(ascii: "X"))
        append(contentsOf: UInt32(text.utf8.count).littleEndianBytes)
        append(contentsOf: text.utf8)
    }

    /// Eight bytes, whatever the number.
    fileprivate mutating func appendNumber(_ value: Int) {
        append(contentsOf: [0x8A, 8])
        append(contentsOf: Int64(value).littleEndianBytes)
    }

    fileprivate mutating func appendTuple(_ values: [Int]) {
        append(UInt8(ascii: "("))
        for value in values { appendNumber(value) }
        append(UInt8(ascii: "t"))
    }
}
