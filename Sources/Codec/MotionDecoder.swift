public import Media

/// Decodes access units into pictures with motion vectors, the way that was chosen for the stream.
///
/// `codec`: the stream's pictures with their own vectors, anchors only. `reencode`: six pictures a second, repeated ones among them, each with
/// the vectors of videowire's own encoding.
public struct MotionDecoder: ~Copyable {
    public let way: MotionWay
    private var decoder: VideoDecoder
    private var reencoder: Reencoder?
    /// Nil where nothing is masked.
    private let masker: PictureMasker?

    /// - Parameter masks: no picture is given out without them, and none is encoded anew.
    /// - Throws: `DecoderError.unsupported` or `.setup`.
    public init(codec: VideoCodec, way: MotionWay, masks: PictureMasks = .none) throws {
        let decoder = try VideoDecoder(codec: way == .codec ? codec : .mpeg4)
        let reencoder = try Self.makeReencoder(codec, way, masks)
        self.way = way
        masker = PictureMasker(masks)
        self.decoder = decoder
        self.reencoder = reencoder
    }

    /// A decoder of all pictures, as Video-LaVIT's reference sees them: B-pictures too; of a re-encoded stream one each sixth of a second from
    /// `start` on, however long the holes of the source.
    ///
    /// - Throws: `DecoderError.unsupported` or `.setup`.
    public init(allPicturesOf codec: VideoCodec, way: MotionWay, start: MediaTime) throws {
        let decoder = try VideoDecoder(codec: way == .codec ? codec : .mpeg4, skipsNonReference: false)
        let reencoder = way == .codec ? nil : try Reencoder(codec: codec, start: start, fillsHoles: true)
        self.way = way
        masker = nil
        self.decoder = decoder
        self.reencoder = reencoder
    }

    /// See `VideoDecoder.filtersNonKey`. Pictures that are encoded anew are always filtered.
    public var filtersNonKey: Bool {
        get { decoder.filtersNonKey }
        set { decoder.filtersNonKey = newValue }
    }

    /// Decodes one unit and hands out the pictures that are due, which are usually older ones.
    /// - Throws: `DecoderError.refused`, after all pictures that are due were handed out; `.encoder`; or what `body` throws.
    public mutating func decode(_ unit: AccessUnit, _ body: (any DecodedPicture) throws -> Void) throws {
        guard reencoder != nil else {
            return try decoder.decode(unit) { [masker] in try body(masker?.masked($0) ?? $0) }
        }
        try reencoder?.decode(unit) { [masker] in try Self.show($0, &decoder, masker, body) }
    }

    /// Hands out the pictures that are still held: at the end of a session, before a gap or a new format.
    public mutating func flush(_ body: (any DecodedPicture) throws -> Void) throws {
        guard reencoder != nil else {
            return try decoder.flush { [masker] in try body(masker?.masked($0) ?? $0) }
        }
        try reencoder?.flush { [masker] in try Self.show($0, &decoder, masker, body) }
        decoder.reset()
    }

    private static func makeReencoder(
        _ codec: VideoCodec, _ way: MotionWay, _ masks: PictureMasks
    ) throws -> Reencoder? {
        guard way == .reencode else { return nil }
        return try Reencoder(codec: codec, masks: masks)
    }

    private static func show(
        _ output: Reencoder.Output, _ decoder: inout VideoDecoder, _ masker: PictureMasker?,
        _ body: (any DecodedPicture) throws -> Void
    ) throws {
        try decoder.decode(output.unit) { picture in
            guard picture.pts == output.unit.pts else { return }
            let picture = ReencodedPicture(output, vectors: picture)
            try body(masker?.masked(picture) ?? picture)
        }
    }
}

/// A picture of the source, at its place on the grid of six a second, with the vectors of its new encoding.
struct ReencodedPicture: DecodedPicture {
    private let output: Reencoder.Output
    private let vectors: any DecodedPicture

    init(_ output: Reencoder.Output, vectors: any DecodedPicture) {
        self.output = output
        self.vectors = vectors
    }

    var pts: MediaTime { vectors.pts }
    var unitPTS: MediaTime { output.source.pts }
    var type: PictureType { vectors.type }
    /// As the source coded it.
    var isKey: Bool { output.source.isKey }
    var isCorrupt: Bool { output.isDamaged }
    var isFiltered: Bool { true }
    var isRepeated: Bool { output.isRepeated }
    var width: Int { output.source.width }
    var height: Int { output.source.height }

    func withVectors<Result>(_ body: (UnsafeBufferPointer<MotionVector>) throws -> Result) rethrows -> Result {
        try vectors.withVectors(body)
    }

    func withLuma<Result>(_ body: (LumaView) throws -> Result) rethrows -> Result? {
        try output.input.withLuma(body)
    }

    func makePicture() -> Picture? {
        var picture = output.input.makePicture()
        picture?.pts = pts
        picture?.type = output.source.type
        return picture
    }

    func makeCodedPicture() -> Picture? { vectors.makePicture() }
}
