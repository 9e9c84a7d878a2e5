internal import FoundationEssentials

/// The index of a checkpoint of several files (`model.safetensors.index.json`, `pytorch_model.bin.index.json`): which file has which tensor.
package struct ShardIndex: Sendable {
    /// The file of each tensor, by key.
    package let files: [String: String]

    /// Of more than 200 000 tensors. It bounds what a hostile index can cost.
    private static let maximumLength = 32_000_000

    package init(parsing json: UnsafeRawBufferPointer) throws(FormatError) {
        struct Index: Decodable {
            var weight_map: [String: String]
        }
        guard json.count <= Self.maximumLength else {
            throw FormatError("it has \(json.count) bytes, more than the index of any checkpoint")
        }
        do {
            files = try JSONDecoder().decode(Index.self, from: Data(json)).weight_map
        } catch {
            throw FormatError("it is no index of a checkpoint (\(error.reason))")
        }
        // A name leads to a file beside the index, nowhere else.
        for name in Set(files.values)
        where name.isEmpty || name.hasPrefix(".") || name.contains("/") || name.contains("\\") || name.contains("\0") {
            throw FormatError("it names the file \"\(name)\", which is none in the same folder")
        }
    }

    /// The names of the files, in order.
    package var names: [String] { Set(files.values).sorted() }
}
