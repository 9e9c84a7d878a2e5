public import Media

/// Reads what a coded picture says of itself, without decoding it.
///
/// It looks at parameter sets and at the header of the picture's first slice, never behind that, and takes any bytes: what
/// cannot be read leaves its trait at the default. What each codec tells:
///
/// | codec | key picture | reference | type | parameters | active references |
/// |---|---|---|---|---|---|
/// | H.264 | IDR, recovery point | nal_ref_idc | slice type | SPS, PPS | first slice |
/// | H.265 | IRAP | sub-layer reference | intra where IRAP | VPS, SPS, PPS | – |
/// | MPEG-4 Part 2 | I-VOP | not B | VOP coding type | video object layer | 1 |
/// | MPEG-1, MPEG-2 | I-picture | not B | picture coding type | sequence header and extension | 1 |
/// | VP8, VP9, AV1 | frame header of the first frame | – | intra where key | – | – |
/// | Motion JPEG | always | always | intra | – | – |
public struct PictureScanner: Sendable {
    private enum Parser: Sendable {
        case h264(H264Scanner)
        case h265(H265Scanner)
        case mpeg(MPEGScanner)
        case frameHeader(FrameHeaderScanner)
    }

    private var parser: Parser

    public init(codec: VideoCodec) {
        switch codec {
        case .h264: parser = .h264(H264Scanner())
        case .h265: parser = .h265(H265Scanner())
        case .mpeg1, .mpeg2: parser = .mpeg(MPEGScanner(syntax: .mpeg2))
        case .mpeg4: parser = .mpeg(MPEGScanner(syntax: .mpeg4))
        case .vp8, .vp9, .av1, .mjpeg: parser = .frameHeader(FrameHeaderScanner(codec: codec))
        }
    }

    /// The traits of the next access unit in decoding order.
    public mutating func scan(_ bytes: [UInt8]) -> PictureTraits {
        switch parser {
        case .h264(var scanner):
            defer { parser = .h264(scanner) }
            return scanner.scan(bytes)
        case .h265(var scanner):
            defer { parser = .h265(scanner) }
            return scanner.scan(bytes)
        case .mpeg(var scanner):
            defer { parser = .mpeg(scanner) }
            return scanner.scan(bytes)
        case .frameHeader(let scanner):
            return scanner.scan(bytes)
        }
    }
}

/// Parameter sets by their numbers, and whether one of them was replaced by a different one.
struct ParameterSets: Sendable {
    private var known: [Int: [UInt8]] = [:]

    var isEmpty: Bool { known.isEmpty }

    /// - Returns: whether set `id` was there with other content.
    mutating func store(_ bytes: ArraySlice<UInt8>, id: Int) -> Bool {
        let old = known[id]
        guard old.map({ !$0.elementsEqual(bytes) }) ?? true else { return false }
        known[id] = Array(bytes)
        return old != nil
    }
}
