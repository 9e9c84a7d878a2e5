internal import Tensors

extension Checkpoint {
    /// `weightHash(onProgress:)` of one who does not wait for it.
    public var weightHash: String { weightHash { _, _ in } }

    /// What names the tokenizers' weights: the SHA-256, in hexadecimal, of a line for each of their tensors,
    ///
    ///     visual_tokenizer.encoder.cls_token BF16 1,1,1408 SHA-256-OF-ITS-BYTES
    ///
    /// sorted by key, each ended by a line feed. The same weights in other files, or in another format, have the same hash; in another
    /// element type they have another. Reads all tensors: run it beside the loading, on a thread of its own.
    /// - Parameter onProgress: gets how many bytes have been read, of how many.
    public func weightHash(onProgress: (_ read: Int, _ total: Int) -> Void) -> String {
        let total = byteCount
        var read = 0
        // In the order of the files' bytes, for the disk's sake.
        let ordered = places.sorted {
            ($0.value.file, $0.value.entry.range.lowerBound, $0.key) < (
                $1.value.file, $1.value.entry.range.lowerBound, $1.key
            )
        }
        var lines: [String] = []
        for (key, place) in ordered {
            let mapping = files[place.file].mapping
            mapping.prefetch(place.entry.range)
            let shape = place.entry.shape.map(String.init).joined(separator: ",")
            lines.append("\(key) \(place.entry.type.name) \(shape) \(SHA256.digest(bytes(of: place)))\n")
            mapping.discard(place.entry.range)
            read += place.entry.range.count
            onProgress(read, total)
        }
        return Array(lines.sorted().joined().utf8).withUnsafeBytes { SHA256.digest($0) }
    }
}
