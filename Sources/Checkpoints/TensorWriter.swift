internal import Tensors

/// Writes tensors of one element type into a file of one of the two formats, piece by piece.
protocol TensorWriter {
    /// - Parameter elements: calls its body with the bytes of the tensor, in pieces, in order.
    static func write(
        _ tensors: [(key: String, shape: [Int])], type: ElementType, to file: consuming OutputFile,
        elements: (_ tensor: Int, _ body: ([UInt8]) throws(CheckpointError) -> Void) throws(CheckpointError) -> Void
    ) throws(CheckpointError)
}

extension ElementType {
    /// Bytes of a tensor of a shape.
    func byteCount(_ shape: [Int]) -> Int { shape.reduce(size, *) }
}

enum SafetensorsWriter: TensorWriter {
    static func write(
        _ tensors: [(key: String, shape: [Int])], type: ElementType, to file: consuming OutputFile,
        elements: (Int, ([UInt8]) throws(CheckpointError) -> Void) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        var output = file
        var end = 0
        var members = [#""__metadata__":{"format":"pt"}"#]
        for tensor in tensors {
            let start = end
            end += type.byteCount(tensor.shape)
            members.append(
                #""\#(tensor.key)":{"dtype":"\#(type.rawValue)","shape":\#(tensor.shape),"data_offsets":[\#(start),\#(end)]}"#
            )
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        // Spaces, so that the tensors begin at a multiple of eight.
        header += repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        try output.write(UInt64(header.count))
        try output.write(header)
        for index in tensors.indices {
            try elements(index) { (piece) throws(CheckpointError) in try output.write(piece) }
        }
        try output.flush()
    }
}

/// As torch.save: a zip archive of stored files, each of which begins at a multiple of 64.
enum TorchWriter: TensorWriter {
    static func write(
        _ tensors: [(key: String, shape: [Int])], type: ElementType, to file: consuming OutputFile,
        elements: (Int, ([UInt8]) throws(CheckpointError) -> Void) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        var archive = ZipWriter(file)
        let small = [
            ("data.pkl", Pickle.stateDictionary(tensors, type: type)), ("byteorder", Array("little".utf8)),
            ("version", Array("3\n".utf8)),
        ]
        for (name, bytes) in small {
            try archive.begin("archive/\(name)", size: bytes.count)
            try archive.write(bytes)
            try archive.end()
        }
        for (index, tensor) in tensors.enumerated() {
            try archive.begin("archive/data/\(index)", size: type.byteCount(tensor.shape))
            try elements(index) { (piece) throws(CheckpointError) in try archive.write(piece) }
            try archive.end()
        }
        try archive.finish()
    }
}
