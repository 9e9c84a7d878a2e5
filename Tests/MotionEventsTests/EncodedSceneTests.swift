internal import Clips
internal import Codec
internal import Foundation
internal import Media
internal import MediaTesting
internal import MotionEvents
internal import Testing

/// Rendered scenes that a real encoder has coded and libavcodec reads again.
@Suite struct EncodedSceneTests {
    private static let pictureSize = Scene.width * Scene.height
    private static let crossing = Scene(
        name: "crosses", square: Scene.Square(x: -360, y: 110, side: 120, velocity: SIMD2(5, 0)), noise: 2
    ).render(count: 250)
    private static let panning = Scene(name: "pans", pan: SIMD2(3, 0)).render(count: 51)
    private static let encoders = [EncoderSetting.singleReference, .medium, .mpeg4]

    private static func events(_ luma: [UInt8], _ encoder: EncoderSetting) throws -> [MotionEvent] {
        let video = try encoder.encode(luma: luma, picturesPerScene: luma.count / pictureSize)
        var decoder = try MotionDecoder(codec: encoder.codec, way: .codec)
        let format = VideoFormat(codec: encoder.codec, width: Scene.width, height: Scene.height)
        var assembler = ClipAssembler(session: 0, format: format, motionSource: .codec, attachesVideoLaVIT: false)
        var outputs: [ClipOutput] = []
        for unit in video.units {
            assembler.receive(unit)
            decoder.filtersNonKey = assembler.filtersNonKey
            try decoder.decode(unit) { outputs += assembler.handle($0) }
        }
        try decoder.flush { outputs += assembler.handle($0) }
        outputs += assembler.end()
        var observer = MotionObserver(), events: [MotionEvent] = []
        for case .field(let field) in outputs { events += observer.handle(field) }
        return events
    }

    private static func hold(_ picture: some Sequence<UInt8>, count: Int) -> [UInt8] {
        let picture = Array(picture)
        return (0..<count).flatMap { _ in picture }
    }

    private static func expect(
        _ events: [MotionEvent], _ kinds: [MotionEvent.Kind], at times: [Double], within tolerance: Double,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(events.map(\.kind) == kinds, sourceLocation: location)
        for (event, time) in zip(events, times) {
            #expect(abs(event.at - time) < tolerance, "\(event.kind)", sourceLocation: location)
        }
    }

    /// Its middle crosses the left side at 2.4 s and the right side at 7.52 s.
    @Test(arguments: encoders) func aSquareCrosses(encoder: EncoderSetting) throws {
        let events = try Self.events(Self.crossing, encoder)
        Self.expect(events, [.enter, .leave], at: [2.4, 7.52], within: 0.6)
        #expect(events.map(\.side) == [.left, .right])
    }

    /// It begins at 3 s and ends at 5 s; what is seen moves to the right.
    @Test(arguments: encoders) func theCameraPans(encoder: EncoderSetting) throws {
        let moving = Self.panning
        let luma =
            Self.hold(moving.prefix(Self.pictureSize), count: 75) + moving.dropFirst(Self.pictureSize)
            + Self.hold(moving.suffix(Self.pictureSize), count: 50)
        let events = try Self.events(luma, encoder)
        Self.expect(events, [.pan, .cameraEnd], at: [3, 5], within: 0.4)
        let velocity = try #require(events.first?.contentVelocity)
        // 75 px/s; its mean holds the field in which it begins.
        #expect(velocity.x * 640 > 45 && velocity.x * 640 < 85 && abs(velocity.y) < 0.02)
    }

    /// At 3 s the picture stands on its head.
    @Test(arguments: encoders) func aCut(encoder: EncoderSetting) throws {
        let picture = Scene(name: "still").render(count: 1)
        let luma = Self.hold(picture, count: 75) + Self.hold(picture.reversed(), count: 75)
        Self.expect(try Self.events(luma, encoder), [.cut], at: [3], within: 0.3)
    }
}
