import Clips
import Codec
import Foundation
import Media
import MediaTesting
import Tensors
import Testing

/// What the reference implementation makes of a real clip before its networks.
@Suite(
    .enabled(
        if: FFmpeg.isInstalled && SharedFolder.has("media", "fixtures/video-lavit-tiny"),
        "needs ffmpeg and the shared fixtures"))
struct VideoLaVITInputTests {
    private static let starts = Result {
        try expected().elements("clip_start_frames", as: Int32.self).map { Int($0) }
    }

    private static func expected() throws -> TensorFile {
        try TensorFile(path: SharedFolder.path("fixtures/video-lavit-tiny/expected.safetensors"))
    }

    /// The pictures of the reference's re-encoded stream.
    private func decode(_ body: (any DecodedPicture) throws -> Void) throws {
        let file = URL(fileURLWithPath: SharedFolder.path("fixtures/video-lavit-tiny/car-detection.6fps.m4v"))
        var decoder = try VideoDecoder(codec: .mpeg4, skipsNonReference: false)
        for unit in try CodedVideo(elementaryStream: file).units { try decoder.decode(unit, body) }
        try decoder.flush(body)
    }

    private func check(_ clips: [Clip], _ expected: TensorFile) throws {
        let motion = expected.elements("motion_values"), pixels = expected.elements("pixel_values")
        let size = 2 * 24 * 720, area = 3 * 224 * 224
        #expect(clips.count == motion.count / size)
        for (index, clip) in clips.enumerated() {
            let input = try #require(clip.videoLaVIT)
            let wanted = motion[index * size..<(index + 1) * size]
            let scale = motion.map { abs($0) }.max() ?? 0
            let difference = zip(input.motion, wanted).map { abs($0 - $1) }.max() ?? .infinity
            #expect(difference / scale <= 4e-7)
            if index == 0 { #expect(input.key.rgb == expected.elements("clip0_rgb", as: UInt8.self)) }
            let values = PillowBicubic.pixelValues(input.key.rgb, width: input.key.width, height: input.key.height)
            let picture = pixels[index * area..<(index + 1) * area]
            #expect(zip(values, picture).map { abs($0 - $1) }.max() ?? .infinity <= 1e-6)
        }
    }

    @Test("the chosen clips of the re-encoded stream: motion, key picture and pixel values are the reference's")
    func elementaryStream() throws {
        let expected = try Self.expected()
        var types: [UInt8] = []
        try decode { types.append($0.type.rawValue.asciiValue ?? 0) }
        #expect(types == expected.elements("frame_types", as: UInt8.self))
        let intra = types.indices.filter { types[$0] == UInt8(ascii: "I") }
        let starts = ReferenceSampling.clipStarts(intra: intra, count: types.count, maximumClips: 8)
        #expect(try starts == Self.starts.get())
        let format = VideoFormat(codec: .mpeg4, width: 768, height: 432)
        var sampler = ReferenceClips(
            starts: starts, count: types.count, session: 1, format: format, motionSource: .codec)
        var clips: [Clip] = []
        try decode { clips += sampler.handle($0) }
        #expect(sampler.isFinished)
        #expect(clips.map(\.start.units) == starts.map { Int64($0) * 15_000 })
        try check(clips, expected)
    }

    @Test("every clip of the stream itself carries what the reference would make of those pictures")
    func streamClips() throws {
        let file = URL(fileURLWithPath: SharedFolder.path("media/car-detection.mp4"))
        let outputs = try assemble(
            try CodedVideo(file: file, codec: .h264), width: 768, height: 432, way: .reencode,
            attachesVideoLaVIT: true)
        let clips = outputs.compactMap { if case .clip(let clip) = $0 { clip } else { nil } }
        #expect(clips.count == 8 && clips.prefix(7).allSatisfy { $0.isComplete })
        // The reference's clips begin at other pictures of the same stream.
        var types: [PictureType] = []
        try decode { types.append($0.type) }
        let starts = clips.prefix(7).map { Int($0.start.units / 15_000) }
        #expect(starts == (0..<7).map { 24 * $0 })
        var sampler = ReferenceClips(
            starts: starts, count: types.count, session: 1,
            format: VideoFormat(codec: .mpeg4, width: 768, height: 432), motionSource: .codec)
        var wanted: [Clip] = []
        try decode { wanted += sampler.handle($0) }
        for (clip, wanted) in zip(clips, wanted) {
            #expect(clip.videoLaVIT != nil && clip.videoLaVIT == wanted.videoLaVIT)
        }
    }

    @Test("no clip of a real room in which people come and go passes for static")
    func livelyRoom() throws {
        let file = URL(fileURLWithPath: SharedFolder.path("media/one-by-one-person-detection.mp4"))
        let outputs = try assemble(
            try CodedVideo(file: file, codec: .h264), width: 768, height: 432, way: .reencode,
            attachesVideoLaVIT: true)
        var clips = StaticClips()
        var reused: [Int] = []
        for case .clip(let clip) in outputs {
            if clips.tokens(for: clip) != nil {
                reused.append(clip.index)
            } else {
                clips.note(ClipTokens(key: [], motion: []), of: clip)
            }
        }
        #expect(reused.isEmpty)
    }
}
