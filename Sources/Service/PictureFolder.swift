internal import Codec
internal import Glibc
internal import Media
internal import Rendering
internal import Tokenization

/// Two PNG files a clip, its thumbnail (where its tokens give one) and its motion, and a page that shows them in the order of the log.
struct PictureFolder: ClipOutputFile {
    private static let keySide = 576
    private static let panelSide = 432

    private let path: String
    private var isMade = false
    private var page = ContactSheet()

    /// The folder is made with the first clip.
    init(path: String) {
        self.path = path
    }

    mutating func append(_ clip: LoggedClip) throws -> Bool {
        try make()
        let name = "\(Self.fileName(clip.stream))-\(clip.session)-\(clip.index)"
        let thumbnail = clip.decoded.thumbnail
        let title = "\(clip.stream) \(clip.session)/\(clip.index) \(clip.start.clockText)"
        let motion = MotionPicture.draw(
            thumbnail: thumbnail, fields: clip.decoded.fields,
            panel: PictureSize(video: clip.video, longSide: Self.panelSide), title: title)
        if let key = thumbnail?.scaled(to: PictureSize(video: clip.video, longSide: Self.keySide)) {
            try write(key, "\(name)-key.png")
        }
        try write(motion, "\(name)-motion.png")
        page.append(title: title, name: name, hasThumbnail: thumbnail != nil)
        return true
    }

    mutating func finish() throws {
        try write(page.html.utf8, "index.html")
    }

    private mutating func make() throws(FileOutput.Failure) {
        guard !isMade else { return }
        try makeFolder(path)
        isMade = true
    }

    private func write(_ picture: RGBPicture, _ name: String) throws {
        let encoder = try PNGEncoder(width: picture.width, height: picture.height)
        try write(try encoder.encode(picture), name)
    }

    private func write(_ bytes: some Sequence<UInt8>, _ name: String) throws(FileOutput.Failure) {
        var file = try FileOutput(path: path + "/" + name)
        try file.write(bytes)
        try file.flush()
    }

    /// A stream's name as part of a file's: bytes other than ASCII letters, digits, `-`, `_` and `.` as `%` and two
    /// hexadecimal digits, so that no name leads out of the folder and no two names meet.
    static func fileName(_ stream: String) -> String {
        stream.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default: (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

/// The page `index.html` of a folder of pictures.
struct ContactSheet {
    private var clips = ""

    mutating func append(title: String, name: String, hasThumbnail: Bool) {
        let link = name.replacing("%", with: "%25")
        let key = hasThumbnail ? #"<img loading="lazy" src="\#(link)-key.png" alt="thumbnail">"# : ""
        clips += """
            <figure><figcaption>\(Self.escaped(title))</figcaption>
            \(key)
            <img loading="lazy" src="\(link)-motion.png" alt="motion"></figure>

            """
    }

    var html: String {
        """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><title>videowire decode</title>
        <style>
        body { background: #181818; color: #eee; font: 14px sans-serif }
        figure { margin: 1em 0 }
        figcaption { margin-bottom: .3em }
        img { height: 280px; vertical-align: top }
        </style>
        \(clips)</html>

        """
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

extension MediaTime {
    /// Minutes and seconds, e.g. 2:05.
    var clockText: String {
        let whole = max(Int(seconds), 0)
        return "\(whole / 60):\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
    }
}

/// Makes a folder and those above it, as far as they are not there.
/// - Throws: `FileOutput.Failure`.
func makeFolder(_ path: String) throws(FileOutput.Failure) {
    let ends = path.indices.filter { path[$0] == "/" && $0 > path.startIndex } + [path.endIndex]
    for end in ends where mkdir(String(path[..<end]), 0o777) != 0 && errno != EEXIST && end == path.endIndex {
        throw .failed(path: path, reason: "the folder cannot be made: \(String(cString: strerror(errno)))")
    }
}
