internal import Codec
internal import Media
internal import Rendering
internal import Tokenization

/// A video of one stream: each clip's thumbnail, moved along the clip's motion, six pictures a second.
struct TokenMovie: ClipOutputFile {
    private static let longSide = 576
    private static let rate = 6

    /// A writer of noncopyable type, held where a protocol wants copyable ones.
    private final class Movie {
        var writer: MovieWriter?
        let size: PictureSize

        init(path: String, size: PictureSize) throws {
            writer = try MovieWriter(path: path, width: size.width, height: size.height, rate: rate)
            self.size = size
        }
    }

    private let path: String
    /// That of the first clip where none was asked for.
    private var stream: String?
    private var movie: Movie?

    init(path: String, stream: String?) {
        self.path = path
        self.stream = stream
    }

    mutating func append(_ clip: LoggedClip) throws -> Bool {
        guard stream == nil || stream == clip.stream else { return false }
        guard let picture = clip.decoded.thumbnail else {
            throw ClipReader.Damage(
                description: "its key ids are no picture without a diffusion model; name a folder to have its motion")
        }
        stream = clip.stream
        let movie = try self.movie ?? Movie(path: path, size: PictureSize(video: clip.video, longSide: Self.longSide))
        self.movie = movie
        let thumbnail = picture.scaled(to: movie.size)
        let warp = MotionWarp(fields: clip.decoded.fields, key: clip.keyPicture)
        for number in 0..<clip.pictures {
            let time = clip.start + Clip.fieldDuration * Int64(number)
            try movie.writer?.append(warp.picture(number, of: thumbnail).labelled(time.clockText))
        }
        return true
    }

    mutating func finish() throws {
        try movie?.writer.take()?.finish()
    }
}
