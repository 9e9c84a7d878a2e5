/// What a pickled object that torch.save writes is made of.
enum TorchObject {
    case none
    case bool
    case integer(Int)
    case string(String)
    /// Numbers, bytes and lists that no tensor depends on.
    case other
    case global(TorchGlobal)
    /// The members' places in `Unpickler.objects`.
    case tuple([Int])
    /// The place in `Unpickler.dictionaries`.
    case dictionary(Int)
    /// The place in `Unpickler.storages`.
    case storage(Int)
    /// The place in `Unpickler.tensors`.
    case tensor(Int)
}

/// The Python names that a checkpoint may ask for. None of them is looked up: each stands for what is done here.
enum TorchGlobal: Hashable {
    case orderedDictionary
    case rebuildTensor
    case rebuildParameter
    case storage(StoredType)

    init?(_ name: String) {
        switch name {
        case "collections.OrderedDict": self = .orderedDictionary
        case "torch._utils._rebuild_tensor_v2": self = .rebuildTensor
        case "torch._utils._rebuild_parameter": self = .rebuildParameter
        case "torch.FloatStorage": self = .storage(StoredType("F32"))
        case "torch.HalfStorage": self = .storage(StoredType("F16"))
        case "torch.BFloat16Storage": self = .storage(StoredType("BF16"))
        case "torch.DoubleStorage": self = .storage(StoredType("F64"))
        case "torch.LongStorage": self = .storage(StoredType("I64"))
        case "torch.IntStorage": self = .storage(StoredType("I32"))
        case "torch.ShortStorage": self = .storage(StoredType("I16"))
        case "torch.CharStorage": self = .storage(StoredType("I8"))
        case "torch.ByteStorage": self = .storage(StoredType("U8"))
        case "torch.BoolStorage": self = .storage(StoredType("BOOL"))
        default: return nil
        }
    }
}

/// A file of the archive that holds elements of one type.
struct TorchStorage: Hashable {
    var type: StoredType
    /// The name below `data/`.
    var file: String
    var elements: Int
}

/// A view of a storage.
struct TorchTensor: Hashable {
    var storage: TorchStorage
    /// In elements.
    var offset: Int
    var shape: [Int]
    var strides: [Int]

    /// Whether the elements lie one behind another, row by row. The stride of a dimension of one element means nothing.
    var isContiguous: Bool {
        guard !shape.contains(0) else { return true }
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() {
            if size != 1, stride != expected { return false }
            expected = expected.multipliedReportingOverflow(by: size).partialValue
        }
        return true
    }
}
