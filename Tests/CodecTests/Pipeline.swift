import Clips
import Codec
import Media
import MediaTesting

/// Decoder and assembler in a row, as the service has them.
///
/// - Parameter offset: added to all time stamps.
func assemble(
    _ video: CodedVideo, width: Int, height: Int, offset: MediaTime = .zero, way: MotionWay = .codec,
    attachesVideoLaVIT: Bool = false, masks: PictureMasks = .none
) throws -> [ClipOutput] {
    var decoder = try MotionDecoder(codec: video.codec, way: way, masks: masks)
    let format = VideoFormat(codec: video.codec, width: width, height: height)
    var assembler = ClipAssembler(
        session: 0, format: format, motionSource: way, attachesVideoLaVIT: attachesVideoLaVIT, masks: masks)
    var outputs: [ClipOutput] = []
    for var unit in video.units {
        unit.pts = unit.pts + offset
        assembler.receive(unit)
        decoder.filtersNonKey = assembler.filtersNonKey
        try decoder.decode(unit) { outputs += assembler.handle($0) }
    }
    try decoder.flush { outputs += assembler.handle($0) }
    return outputs + assembler.end()
}
