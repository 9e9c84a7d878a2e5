/// The work of `videowire frame`.
public enum FrameOutput {
    /// There is no such key picture.
    struct NotKept: Error, CustomStringConvertible {
        var description: String
    }

    /// What the command line asks for cannot be a clip.
    struct BadClip: Error, CustomStringConvertible {
        var description: String
    }

    /// Writes a kept key picture.
    ///
    /// - Parameters:
    ///   - clip: `STREAM/SESSION/CLIP`.
    ///   - output: a path; `-` for standard output.
    ///   - log: the path of the daemon's log.
    /// - Throws: `FileOutput.Failure`, or why there is none.
    public static func run(clip text: String, output: String, log: String) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, Settings.isStreamName(String(parts[0])), let session = Int(parts[1]),
            let clip = Int(parts[2]), session >= 0, clip >= 0
        else {
            throw BadClip(description: "\(text) names no clip; write STREAM/SESSION/CLIP, e.g. front-door/7/1842")
        }
        let stream = String(parts[0])
        let folder = KeyPictureFolder(log: log)
        let bytes: [UInt8]
        do {
            bytes = try KeyPictureFolder.bytes(of: folder.file(stream, session, clip), maximum: 1 << 30)
        } catch {
            let entries = folder.entries(of: stream)
            guard let first = entries.first, let last = entries.last else {
                throw NotKept(
                    description: "\(folder.path) has no key pictures of the stream \(stream); "
                        + "name the daemon's log with --log, and set keep_key_frames in its configuration")
            }
            if entries.contains(where: { $0.session == session && $0.clip == clip }) { throw error }
            throw NotKept(
                description: "the key picture of \(text) is not kept: it has gone, or there never was one; "
                    + "kept are \(entries.count), from \(first.session)/\(first.clip) to \(last.session)/\(last.clip)")
        }
        var file = output == "-" ? FileOutput() : try FileOutput(path: output)
        try file.write(bytes)
        try file.flush()
    }
}
