internal import Glibc
internal import Subtitles

/// A folder that a web server serves: no reader ever sees half a file.
struct SubtitleFolder: Sendable {
    private let path: String
    private let name: String

    /// Makes the folder where there is none.
    /// - Parameter name: what the names of all files begin with.
    init(path: String, name: String) throws(FileOutput.Failure) {
        self.path = path
        self.name = name
        try makeFolder(path)
    }

    func apply(_ changes: [SegmentedSubtitles.Change]) throws(FileOutput.Failure) {
        for change in changes {
            switch change {
            case .write(let file, let text): try write(text, file)
            // It may have been cleared away by somebody else.
            case .remove(let file): unlink("\(path)/\(file)")
            }
        }
    }

    /// Writes the whole file beside its place, then puts it there.
    func write(_ text: String, _ file: String) throws(FileOutput.Failure) {
        let (place, draft) = ("\(path)/\(file)", "\(path)/.\(file).part")
        do {
            var output = try FileOutput(path: draft)
            try output.write(text.utf8)
            try output.flush()
        } catch {
            unlink(draft)
            throw error
        }
        guard rename(draft, place) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(draft)
            throw .failed(path: place, reason: reason)
        }
    }

    /// Removes what an earlier run has left: segments, but for those that somebody may still be about to read, and drafts.
    func clear(before sequence: Int) {
        guard let folder = opendir(path) else { return }
        defer { closedir(folder) }
        var old: [String] = []
        while let entry = readdir(folder) {
            let file = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let isDraft = file.hasPrefix(".\(name)") && file.hasSuffix(".part")
            if isDraft || number(ofSegment: file).map({ $0 < sequence }) == true { old.append(file) }
        }
        for file in old { unlink("\(path)/\(file)") }
    }

    /// Nil for other files.
    private func number(ofSegment file: String) -> Int? {
        guard file.hasPrefix("\(name)-"), file.hasSuffix(".vtt") else { return nil }
        return Int(file.dropFirst(name.count + 1).dropLast(4))
    }
}
