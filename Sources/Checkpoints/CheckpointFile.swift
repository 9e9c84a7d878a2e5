/// One file of tensors, mapped.
struct CheckpointFile: Sendable {
    let mapping: MappedFile
    let tensors: [TensorEntry]

    var path: String { mapping.path }

    /// The ending of the name says which format it is: `.safetensors`, else a file of torch.save.
    init(_ path: String) throws(CheckpointError) {
        let mapping = try MappedFile(path)
        self.mapping = mapping
        tensors = try parsing(path) { () throws(FormatError) in
            path.hasSuffix(".safetensors")
                ? try SafetensorsHeader(parsing: mapping.bytes).tensors
                : try TorchArchive(parsing: mapping.bytes).tensors
        }
    }

    /// The files that an index names.
    static func shards(_ indexPath: String) throws(CheckpointError) -> [CheckpointFile] {
        let bytes = try MappedFile(indexPath)
        let index = try parsing(indexPath) { () throws(FormatError) in try ShardIndex(parsing: bytes.bytes) }
        let folder = indexPath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var shards: [CheckpointFile] = []
        for name in index.names { shards.append(try CheckpointFile(folder.isEmpty ? name : "\(folder)/\(name)")) }
        var missing = index.files
        for shard in shards {
            let name = String(shard.path.split(separator: "/").last ?? "")
            for tensor in shard.tensors where index.files[tensor.key] == name { missing[tensor.key] = nil }
        }
        if let (key, name) = missing.min(by: { $0.key < $1.key }) {
            throw CheckpointError(
                .unusable,
                "\(indexPath) names \(missing.count) tensors that its files do not have, the first: \(key) of \(name). "
                    + "Download both again.")
        }
        return shards
    }
}

/// Adds to what is wrong with a file's content where it is.
func parsing<Value>(_ path: String, _ body: () throws(FormatError) -> Value) throws(CheckpointError) -> Value {
    do {
        return try body()
    } catch {
        throw CheckpointError(.unusable, "\(path) is no usable checkpoint: \(error).")
    }
}
