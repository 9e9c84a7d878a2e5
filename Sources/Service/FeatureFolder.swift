internal import Glibc
internal import Media

/// A folder of safetensors files, one a clip, each with the tensor `visual_embeds` [rows, width] in float32.
package struct FeatureFolder: Sendable, Hashable {
    let path: String

    package init(path: String) {
        self.path = path
    }

    /// Writes a clip's features under a temporary name and renames it, so that whoever sees the name sees the whole file.
    ///
    /// - Returns: the file's name in the folder, `STREAM-SESSION-CLIP.safetensors`.
    /// - Throws: `FileOutput.Failure`.
    func write(_ features: ClipFeatures, stream: String, clip: Clip) throws(FileOutput.Failure) -> String {
        let name = "\(PictureFolder.fileName(stream))-\(clip.session)-\(clip.index).safetensors"
        let temporary = "\(path)/.\(name).part"
        var file = try FileOutput(path: temporary)
        try file.write(Self.header(features))
        try file.write(Self.bytes(of: features))
        try file.flush()
        guard rename(temporary, "\(path)/\(name)") == 0 else {
            throw .failed(path: "\(path)/\(name)", reason: String(cString: strerror(errno)))
        }
        return name
    }

    /// The length of the JSON text as 64 bits, then the text, padded to a multiple of eight bytes.
    private static func header(_ features: ClipFeatures) -> [UInt8] {
        let end = 4 * features.values.count
        var text =
            #"{"visual_embeds":{"dtype":"F32","shape":[\#(features.rows),\#(features.columns)],"data_offsets":[0,\#(end)]}}"#
        text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Array($0) } + Array(text.utf8)
    }

    private static func bytes(of features: ClipFeatures) -> [UInt8] {
        features.values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    }
}
