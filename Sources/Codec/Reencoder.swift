internal import CLibAV
public import Media

/// Decodes a stream of any codec and codes six pictures a second of it anew as MPEG-4 Part 2; docs/motion.md.
///
/// Pictures are kept by `FrameRateFilter`. Where the source breaks off, changes its parameters or its size, the encoder starts
/// anew with an I-picture. libavcodec works on the calling thread.
public struct Reencoder: ~Copyable {
    /// A coded picture of the new stream.
    public struct Output {
        /// MPEG-4 Part 2, with the headers before each I-picture. Its PTS is the output's place on the grid of 1/6 s.
        public let unit: AccessUnit
        /// It shows the same picture as the output before it.
        public let isRepeated: Bool
        let source: LibAVPicture
        let isDamaged: Bool
        /// What the encoder took.
        let input: LibAVPicture
    }

    private var decoder: VideoDecoder
    private var filter: FrameRateFilter
    private let fillsHoles: Bool
    private let start: MediaTime
    private let converter = PictureConverter()
    private let masker: PictureMasker?
    private var encoder: MPEG4Encoder?
    /// The newest picture; the next one tells how often it is shown.
    private var kept: (picture: LibAVPicture, isDamaged: Bool)?
    /// A picture was damaged or refused, and no key picture has come since: what refers to it is wrong too.
    private var isDamaged = false

    /// - Parameters:
    ///   - start: media time at which output 0 is shown.
    ///   - fillsHoles: see `FrameRateFilter`.
    ///   - masks: what they hide is black before it is encoded.
    /// - Throws: `DecoderError.unsupported` or `.setup`.
    public init(
        codec: VideoCodec, start: MediaTime = .zero, fillsHoles: Bool = false, masks: PictureMasks = .none
    ) throws {
        decoder = try VideoDecoder(codec: codec, skipsNonReference: false)
        filter = FrameRateFilter(fillsHoles: fillsHoles)
        self.fillsHoles = fillsHoles
        self.start = start
        masker = PictureMasker(masks)
    }

    /// Decodes one unit and hands out the pictures of the new stream that are known by it.
    /// - Throws: `DecoderError.refused` for a unit that cannot be decoded, `.encoder`; or what `body` throws.
    public mutating func decode(_ unit: AccessUnit, _ body: (Output) throws -> Void) throws {
        if unit.traits.changesParameters, !fillsHoles { try flush(body) }
        var pictures: [LibAVPicture] = []
        do {
            try decoder.decode(unit) { if let picture = $0 as? LibAVPicture { pictures.append(picture) } }
        } catch {
            for picture in pictures { try add(picture, body) }
            isDamaged = true
            throw error
        }
        for picture in pictures { try add(picture, body) }
    }

    /// Hands out what is still to come: at the end of a session, before a gap or a new format. The next unit has to be a key
    /// picture, and begins with an I-picture.
    public mutating func flush(_ body: (Output) throws -> Void) throws {
        var pictures: [LibAVPicture] = []
        try decoder.flush { if let picture = $0 as? LibAVPicture { pictures.append(picture) } }
        for picture in pictures { try add(picture, body) }
        try show(filter.end(), body)
        restart()
    }

    private mutating func restart() {
        kept = nil
        encoder = nil
        isDamaged = false
    }

    private mutating func add(_ picture: LibAVPicture, _ body: (Output) throws -> Void) throws {
        // What an edit list hides, and what lies before the first key picture: decoded, but not shown.
        guard picture.pts >= start else { return }
        if picture.isKey, !picture.isCorrupt { isDamaged = false }
        if picture.isCorrupt { isDamaged = true }
        let decision = filter.add(picture.pts - start)
        try show(decision.shown, body)
        if decision.isBreak { encoder = nil }
        kept = (picture, isDamaged)
    }

    /// Codes the picture that was kept, once for each output.
    private mutating func show(_ outputs: Range<Int64>, _ body: (Output) throws -> Void) throws {
        guard let (source, isDamaged) = kept, !outputs.isEmpty else { return }
        let input = LibAVPicture(owning: try converter.convert(source.frame))
        try masker?.mask(width: input.width, height: input.height).blacken(input.frame)
        for number in outputs {
            let (bytes, isKey) = try encode(input.frame)
            let traits = PictureTraits(isKey: isKey, type: isKey ? .intra : .predicted, activeReferences: isKey ? 0 : 1)
            let unit = AccessUnit(bytes: bytes, pts: start + FrameRateFilter.interval * number, traits: traits)
            try body(
                Output(
                    unit: unit, isRepeated: number != outputs.lowerBound, source: source, isDamaged: isDamaged,
                    input: input))
        }
    }

    private mutating func encode(_ frame: UnsafeMutablePointer<AVFrame>) throws -> (bytes: [UInt8], isKey: Bool) {
        if let encoder, encoder.width == frame.pointee.width, encoder.height == frame.pointee.height {
            return try encoder.encode(frame)
        }
        let encoder = try MPEG4Encoder(like: frame)
        self.encoder = encoder
        return try encoder.encode(frame)
    }
}
