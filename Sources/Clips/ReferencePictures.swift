internal import Media

/// The newest pictures that a P-picture may refer to.
struct ReferencePictures {
    /// More are allowed by the codec, but hardly ever used: encoders prefer the newest.
    static let capacity = 4

    private var held: [(picture: any DecodedPicture, index: Int)] = []

    /// - Parameter index: the picture's place in decoding order.
    mutating func add(_ picture: any DecodedPicture, index: Int) {
        // In display order a B-picture comes that the next P-picture cannot refer to, hence one more.
        if held.count > Self.capacity { held.removeFirst() }
        held.append((picture, index))
    }

    mutating func clear() {
        held = []
    }

    /// What a P-picture at place `index` with `count` active references can point to: the anchor before it, then those that
    /// were decoded before it, newest first.
    func candidates(before index: Int, count: Int, anchor: MediaTime) -> [any DecodedPicture] {
        let decoded = held.filter { $0.index < index }.sorted { $0.index > $1.index }
        let active = decoded.prefix(min(count, Self.capacity)).map(\.picture)
        return active.filter { $0.pts == anchor } + active.filter { $0.pts != anchor }
    }
}

/// Lends the luma planes of several pictures at a time; nil where one has none.
func withLuma<Result>(
    of pictures: ArraySlice<any DecodedPicture>, _ views: [LumaView] = [], _ body: ([LumaView]) -> Result
) -> Result? {
    guard let first = pictures.first else { return body(views) }
    return first.withLuma { view in withLuma(of: pictures.dropFirst(), views + [view], body) } ?? nil
}
