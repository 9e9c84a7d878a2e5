internal import Codec
internal import Media
internal import Synchronization

/// The newest pictures of a stream, `rate` a second and small enough for a caption server. Any thread.
final class FrameRing: Sendable {
    /// Longer side of what is kept; servers see no more of a picture anyway.
    static let longSide = 768
    /// Pictures a second.
    static let rate = 2
    private static let step = MediaTime(units: MediaTime.unitsPerSecond / Int64(rate))
    private static let spacing = MediaTime(seconds: 1)
    private static let capacity = 16

    private let pictures = Mutex<[Picture]>([])

    /// Keeps a copy where one is due. Called with pictures in display order.
    func offer(_ picture: any DecodedPicture) {
        let newest = pictures.withLock { $0.last?.pts }
        if let newest, picture.pts >= newest, picture.pts - newest < Self.step { return }
        // A picture of a form that cannot be shown is none; its stream goes on.
        guard let copy = try? picture.makePicture()?.shrunk(longSide: Self.longSide) else { return }
        pictures.withLock { pictures in
            if let newest, picture.pts < newest { pictures = [] }
            pictures.append(copy)
            if pictures.count > Self.capacity { pictures.removeFirst() }
        }
    }

    /// Times of another session do not compare.
    func clear() { pictures.withLock { $0 = [] } }

    /// The picture nearest to a time and those before it, a second apart or more, oldest first.
    ///
    /// - Parameter time: nil: the newest picture.
    func frames(at time: MediaTime? = nil, count: Int) -> [Picture] {
        let pictures = pictures.withLock { $0 }
        guard let last = Self.nearest(to: time, of: pictures) else { return [] }
        var chosen = [pictures[last]]
        for picture in pictures.reversed() where chosen.count < count {
            guard let earliest = chosen.last, earliest.pts - picture.pts >= Self.spacing else { continue }
            chosen.append(picture)
        }
        return chosen.reversed()
    }

    /// All up to the picture nearest to a time, oldest first; those of another size than that one are left out.
    ///
    /// - Parameter time: nil: the newest picture.
    func video(to time: MediaTime?) -> [Picture] {
        let pictures = pictures.withLock { $0 }
        guard let last = Self.nearest(to: time, of: pictures) else { return [] }
        return pictures[...last].filter { ($0.width, $0.height) == (pictures[last].width, pictures[last].height) }
    }

    private static func nearest(to time: MediaTime?, of pictures: [Picture]) -> Int? {
        guard let newest = pictures.last else { return nil }
        func distance(_ picture: Picture) -> Int64 { abs(picture.pts.units - (time ?? newest.pts).units) }
        return pictures.indices.min { distance(pictures[$0]) < distance(pictures[$1]) }
    }
}
