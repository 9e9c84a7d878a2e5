internal import Codec
internal import Events
internal import Media
internal import Rendering
internal import Tokenization

/// A folder with the thumbnails of clips whose captions were found, and a page `index.html` that shows them.
struct SearchPage {
    private static let longSide = 432

    let path: String

    /// - Throws: `EventLogError`, `FileOutput.Failure`, `EncoderError`.
    func write(_ results: [SearchResult], _ title: String, from log: LogReader) throws {
        try makeFolder(path)
        let reader = ClipReader(tokenizers: [ScalarTokenizer()])
        var figures = ""
        var withoutPicture = 0
        for result in results {
            let name = try thumbnail(of: result, from: log, reader)
            if name == nil { withoutPicture += 1 }
            // A name may hold percent signs.
            let link = name.map { $0.replacing("%", with: "%25") }
            let picture = link.map { #"<img loading="lazy" src="\#($0)" alt="thumbnail">"# } ?? ""
            figures += """
                <figure>\(picture)
                <figcaption>\(ContactSheet.escaped(result.words))<br><small>\(ContactSheet.escaped(result.time)) \
                \(ContactSheet.escaped("\(result.stream)/\(result.subject)"))</small></figcaption></figure>

                """
        }
        var page = try FileOutput(path: "\(path)/index.html")
        try page.write(Self.html(title: title, figures).utf8)
        try page.flush()
        if withoutPicture > 0 {
            printError(
                "videowire: \(withoutPicture) of \(results.count) have no thumbnail: their clip's tokens have gone, or are no picture"
            )
        }
    }

    /// The file's name; nil where the log has no tokens that give a picture.
    private func thumbnail(of result: SearchResult, from log: LogReader, _ reader: ClipReader) throws -> String? {
        guard
            let line = try log.clipLine(stream: result.stream, subject: result.subject, near: result.emitted),
            let clip = try? reader.clip(from: line), let small = clip.decoded.thumbnail
        else { return nil }
        let picture = small.scaled(to: PictureSize(video: clip.video, longSide: Self.longSide))
        let name = "\(PictureFolder.fileName(clip.stream))-\(clip.session)-\(clip.index).png"
        let encoder = try PNGEncoder(width: picture.width, height: picture.height)
        var file = try FileOutput(path: "\(path)/\(name)")
        try file.write(try encoder.encode(picture))
        try file.flush()
        return name
    }

    private static func html(title: String, _ figures: String) -> String {
        """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><title>videowire search: \(ContactSheet.escaped(title))</title>
        <style>
        body { background: #181818; color: #eee; font: 14px sans-serif; display: flex; flex-wrap: wrap }
        figure { margin: .5em; width: 432px }
        img { width: 100% }
        small { color: #aaa }
        </style>
        \(figures)</html>

        """
    }
}
