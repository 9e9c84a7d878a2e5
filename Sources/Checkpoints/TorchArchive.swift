/// A file that torch.save has written: a zip archive of a pickled dictionary and a file of raw bytes for each storage.
package struct TorchArchive: Sendable {
    /// In the order of the dictionary.
    package let tensors: [TensorEntry]

    /// - Parameter file: the whole file.
    package init(parsing file: UnsafeRawBufferPointer) throws(FormatError) {
        guard file.starts(with: [UInt8(ascii: "P"), UInt8(ascii: "K")]) else {
            if file.first == 0x80 {
                throw FormatError(
                    "it is in the format of torch before 1.6, which is not read. Load it in torch and save it again with torch.save"
                )
            }
            throw FormatError("it is no file of torch.save")
        }
        let files = try ZipDirectory(parsing: file).files
        let pickles = files.filter { $0.key.hasSuffix("/data.pkl") && !$0.key.dropLast(9).contains("/") }
        guard let (name, range) = pickles.first, pickles.count == 1 else {
            throw FormatError("it is a zip archive without one data.pkl: no file of torch.save")
        }
        let folder = name.dropLast("data.pkl".count)
        if let order = files["\(folder)byteorder"], !file[order].elementsEqual("little".utf8) {
            throw FormatError("its numbers are not little-endian. Save it again on a little-endian machine")
        }
        let members = try Unpickler.stateDictionary(UnsafeRawBufferPointer(rebasing: file[range]))
        var keys: Set<String> = []
        var tensors: [TensorEntry] = []
        for (key, tensor) in members {
            guard keys.insert(key).inserted else { throw FormatError("\(key) is there twice") }
            guard let storage = files["\(folder)data/\(tensor.storage.file)"] else {
                throw FormatError(
                    "the bytes of \(key) are missing: there is no data/\(tensor.storage.file) in the archive")
            }
            tensors.append(try tensor.entry(key, in: storage))
        }
        self.tensors = tensors
    }
}

extension TorchTensor {
    /// Where its bytes are, those of its storage being at `range`.
    fileprivate func entry(_ key: String, in range: Range<Int>) throws(FormatError) -> TensorEntry {
        guard let count = shape.elementCount else { throw FormatError("the shape of \(key) is no shape") }
        guard isContiguous else {
            throw FormatError(
                "\(key) of shape \(shape.shapeText) has the strides \(strides.shapeText): its elements do not lie one behind another. "
                    + "Save it with .contiguous()")
        }
        let size = storage.type.size ?? 1
        let (elements, overflow) = offset.addingReportingOverflow(count)
        guard !overflow, elements <= storage.elements, storage.elements <= range.count / size else {
            throw FormatError("\(key) of shape \(shape.shapeText) does not fit into its data/\(storage.file)")
        }
        let start = range.lowerBound + offset * size
        return TensorEntry(key: key, type: storage.type, shape: shape, range: start..<start + count * size)
    }
}
