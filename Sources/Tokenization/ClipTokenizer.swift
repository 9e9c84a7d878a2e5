public import Media

/// Turns clips into discrete tokens and back.
///
/// Encoding is a pure function: the same clip gives the same ids, on any machine and any number of threads.
public protocol ClipTokenizer: Sendable {
    var description: TokenizerDescription { get }

    /// - Throws: `ClipError` when the clip's fields or its key picture do not have the form that they promise.
    func encode(_ clip: Clip) throws -> ClipTokens

    /// - Throws: `TokenError` when the ids are no code of this tokenizer; says which id, and what was expected.
    func decode(_ tokens: ClipTokens) throws -> DecodedClip

    /// Numbers by which key pictures can be compared and averaged, from their tokens alone: a row a place of the picture, a column a channel. All
    /// clips of a tokenizer have as many. Takes a millisecond at most.
    ///
    /// - Throws: `TokenError` when the ids are no code of this tokenizer.
    func keyFeatures(of tokens: ClipTokens) throws -> ClipFeatures
}

/// Key pictures as bags of visual words, where codes do not say what they look like, nor which places of the picture they stand for.
enum BagOfCodes {
    static let bins = 1024

    /// How many ids fall into each bin: an id into that of its remainder. One row.
    static func features(of ids: [Int]) -> ClipFeatures {
        var counts = [Float](repeating: 0, count: bins)
        for id in ids { counts[Int(UInt(bitPattern: id) % UInt(bins))] += 1 }
        return ClipFeatures(columns: bins, values: counts)
    }
}

extension ClipTokenizer {
    /// One row: how often each code occurs, in 1024 bins.
    public func keyFeatures(of tokens: ClipTokens) throws -> ClipFeatures { BagOfCodes.features(of: tokens.key) }
}

/// What can be had back from a clip's tokens.
public struct DecodedClip: Sendable, Hashable {
    /// 24 fields, their times counted from the start of the clip. Validity is 0 or 1; there is no luma.
    public var fields: [MotionField]
    /// Nil for tokenizers whose key ids are no picture without another model.
    public var thumbnail: RGBPicture?

    public init(fields: [MotionField], thumbnail: RGBPicture?) {
        self.fields = fields
        self.thumbnail = thumbnail
    }
}

/// A clip that cannot be encoded because it is not what its type promises.
public enum ClipError: Error, Hashable, CustomStringConvertible {
    case fieldCount(Int)
    case cellCount(field: Int, count: Int)
    case planeCount(Int)
    case bitDepth(Int)
    case planeSize(plane: Int, width: Int, height: Int, bytes: Int)
    /// No quantiser keeps the motion within the rate.
    case rate
    /// The stream was not cut for Video-LaVIT.
    case noVideoLaVITInput
    case motionCount(Int, expected: Int)

    public var description: String {
        switch self {
        case .fieldCount(let count):
            "the clip has \(count) motion fields; a clip has \(Clip.fieldCount)"
        case .cellCount(let field, let count):
            "motion field \(field) has \(count) cells; a field has \(MotionField.cells)"
        case .planeCount(let count):
            "the key picture has \(count) planes; 1 (grey) or 3 (Y′CbCr) are needed"
        case .bitDepth(let depth):
            "the key picture has \(depth) bits a sample; 8 to 16 are supported"
        case .noVideoLaVITInput:
            "the clip carries no input of Video-LaVIT's tokenizers; its stream has to be re-encoded for them"
        case .motionCount(let count, let expected):
            "the clip has \(count) motion values; the tokenizer takes \(expected)"
        case .rate:
            "the clip's motion does not fit the rate with any quantiser"
        case .planeSize(let plane, let width, let height, let bytes):
            "plane \(plane) of the key picture says \(width)×\(height) samples but holds \(bytes) bytes"
        }
    }
}

/// Ids that are no code of the tokenizer. Positions count from 0 inside the key ids or the motion ids.
public enum TokenError: Error, Hashable, CustomStringConvertible {
    case keyCount(Int, expected: Int)
    case keyOutOfRange(position: Int, value: Int, limit: Int)
    case motion(position: Int, value: Int, expected: String)
    case motionEnds(position: Int, expected: String)
    case motionContinues(position: Int, value: Int)
    case runTooLong(position: Int, value: Int, cells: Int, left: Int)
    /// The tokenizer was loaded without what turns codes into motion.
    case noDecoder

    public var description: String {
        switch self {
        case .keyCount(let count, let expected):
            "\(count) key ids; \(expected) are needed"
        case .keyOutOfRange(let position, let value, let limit):
            "key id \(position) is \(value); it must lie in 0 ..< \(limit)"
        case .motion(let position, let value, let expected):
            "motion id \(position) is \(value), where \(expected) must stand"
        case .motionEnds(let position, let expected):
            "the motion ids end after \(position), where \(expected) must stand"
        case .motionContinues(let position, let value):
            "motion id \(position) is \(value), but the last slice is already complete"
        case .noDecoder:
            "the tokenizer was loaded to encode; its decoder is not in memory"
        case .runTooLong(let position, let value, let cells, let left):
            "motion id \(position) is \(value), a run of \(cells) cells, but the slice has only \(left) left"
        }
    }
}
