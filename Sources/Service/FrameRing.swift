internal import Codec
internal import Media
internal import Synchronization

/// The newest pictures of a stream, two a second and small enough for a caption server. Any thread.
final class FrameRing: Sendable {
    /// Longer side of what is kept; servers see no more of a picture anyway.
    static let longSide = 768
    private static let step = MediaTime(seconds: 0.5)
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
        guard let newest = pictures.last else { return [] }
        func distance(_ picture: Picture) -> Int64 { abs(picture.pts.units - (time ?? newest.pts).units) }
        let nearest = pictures.min { distance($0) < distance($1) } ?? newest
        var chosen = [nearest]
        for picture in pictures.reversed() where chosen.count < count {
            guard let earliest = chosen.last, earliest.pts - picture.pts >= Self.spacing else { continue }
            chosen.append(picture)
        }
        return chosen.reversed()
    }
}
