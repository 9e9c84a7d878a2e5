internal import Codec
internal import Glibc
internal import Media

/// How long and how much of a stream's key pictures is kept; the oldest go first.
package struct KeyPictureLimits: Sendable, Hashable {
    package var maximumAge = Duration.seconds(7 * 86_400)
    package var maximumBytes = 1_000_000_000

    package init() {}
}

/// The key pictures that are kept, as JPEG files `STREAM/SESSION/CLIP.jpg` in a folder beside the log.
package struct KeyPictureFolder: Sendable, Hashable {
    /// A file of the folder.
    package struct Entry: Sendable, Hashable {
        var session: Int
        var clip: Int
        var bytes: Int
        /// Seconds since 1970 when it was written.
        var time: Int

        package init(session: Int, clip: Int, bytes: Int, time: Int) {
            self.session = session
            self.clip = clip
            self.bytes = bytes
            self.time = time
        }
    }

    private static let quality = 85
    private static let limitsName = "limits"

    let path: String
    let limits: KeyPictureLimits

    /// - Parameter log: the log's path.
    package init(log: String, limits: KeyPictureLimits = KeyPictureLimits()) {
        path = log + ".keyframes"
        self.limits = limits
    }

    func folder(of stream: String) -> String { "\(path)/\(PictureFolder.fileName(stream))" }

    func file(_ stream: String, _ session: Int, _ clip: Int) -> String {
        "\(folder(of: stream))/\(session)/\(clip).jpg"
    }

    /// Makes the stream's folder, and notes its limits there: they hold on when the stream has left the configuration.
    /// - Throws: `FileOutput.Failure`.
    func prepare(_ stream: String) throws(FileOutput.Failure) {
        try makeFolder(folder(of: stream))
        // Nobody but the daemon and its group.
        chmod(path, 0o750)
        let text = "\(limits.maximumAge.components.seconds) \(limits.maximumBytes)\n"
        try write(Array(text.utf8), to: "\(folder(of: stream))/\(Self.limitsName)")
    }

    /// Writes a clip's key picture. Whoever sees the name sees the whole file.
    /// - Throws: `FileOutput.Failure`, or `EncoderError`.
    func write(_ picture: Picture, stream: String, session: Int, clip: Int) throws -> Entry {
        let jpeg = try JPEGEncoder.encode(picture, longSide: JPEGEncoder.maximumSide, quality: Self.quality)
        try makeFolder("\(folder(of: stream))/\(session)")
        try write(jpeg.bytes, to: file(stream, session, clip))
        return Entry(session: session, clip: clip, bytes: jpeg.bytes.count, time: Self.now)
    }

    static var now: Int { time(nil) }

    /// What there is of a stream, oldest first. Removes what a process that was killed had left unfinished.
    func entries(of stream: String) -> [Entry] {
        let folder = folder(of: stream)
        var entries: [Entry] = []
        for name in names(in: folder) {
            guard let session = Int(name) else { continue }
            for file in names(in: "\(folder)/\(name)") {
                var status = stat()
                guard stat("\(folder)/\(name)/\(file)", &status) == 0 else { continue }
                if file.hasSuffix(".jpg"), let clip = Int(file.dropLast(4)), status.st_size > 0 {
                    entries.append(
                        Entry(
                            session: session, clip: clip, bytes: Int(status.st_size), time: status.st_mtim.tv_sec))
                } else if Self.now - status.st_mtim.tv_sec > 60 {
                    unlink("\(folder)/\(name)/\(file)")
                }
            }
        }
        return entries.sorted { ($0.session, $0.clip) < ($1.session, $1.clip) }
    }

    /// - Returns: whether it was there.
    @discardableResult
    func remove(_ entry: Entry, of stream: String) -> Bool {
        let isRemoved = unlink(file(stream, entry.session, entry.clip)) == 0
        // Fails while there is something in it.
        rmdir("\(folder(of: stream))/\(entry.session)")
        return isRemoved
    }

    func has(_ entry: Entry, of stream: String) -> Bool {
        access(file(stream, entry.session, entry.clip), F_OK) == 0
    }

    /// Removes what is too old of all streams, by the limits that each had last; for those of which nothing new comes.
    func trim() {
        for stream in names(in: path) {
            guard let age = noted(stream) else { continue }
            for entry in entries(of: stream) where entry.time < Self.now - age { remove(entry, of: stream) }
        }
    }

    /// Seconds that a stream's pictures were last kept for.
    private func noted(_ stream: String) -> Int? {
        guard let bytes = try? Self.bytes(of: "\(path)/\(stream)/\(Self.limitsName)", maximum: 100) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: " ").first.flatMap { Int($0) }
    }

    private func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private func write(_ bytes: [UInt8], to path: String) throws(FileOutput.Failure) {
        let temporary = path + ".part"
        do throws(FileOutput.Failure) {
            var file = try FileOutput(path: temporary)
            try file.write(bytes)
            try file.flush()
            guard rename(temporary, path) == 0 else {
                throw .failed(path: path, reason: String(cString: strerror(errno)))
            }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// A file's bytes, the first ones at least.
    /// - Throws: where it cannot be read.
    static func bytes(of path: String, maximum: Int) throws(FileOutput.Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < maximum {
            let count = read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw .failed(path: path, reason: String(cString: strerror(errno))) }
            if count == 0 { break }
            bytes += piece.prefix(count)
        }
        return bytes
    }
}
