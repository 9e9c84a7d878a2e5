import Clips
import Codec
import Media
import MediaTesting
import Testing

@Suite(.enabled(if: FFmpeg.isInstalled, "needs the ffmpeg command"))
struct VideoDecoderTests {
    private struct Decoded: Equatable {
        var pts: MediaTime
        var type: PictureType
        var isCorrupt: Bool
        var isFiltered: Bool
        var vectors: [MotionVector]
    }

    private static let luma = Scene.all[5].render(count: 40)

    private func decode(
        _ units: [AccessUnit], codec: VideoCodec = .h264, skipsNonReference: Bool, filtersNonKey: Bool
    ) throws -> (pictures: [Decoded], errors: [any Error]) {
        var decoder = try VideoDecoder(
            codec: codec, skipsNonReference: skipsNonReference, filtersNonKey: filtersNonKey)
        var pictures: [Decoded] = []
        var errors: [any Error] = []
        func note(_ picture: any DecodedPicture) {
            pictures.append(
                Decoded(
                    pts: picture.pts, type: picture.type, isCorrupt: picture.isCorrupt, isFiltered: picture.isFiltered,
                    vectors: picture.withVectors(Array.init)))
        }
        for unit in units {
            do { try decoder.decode(unit, note) } catch { errors.append(error) }
        }
        try decoder.flush(note)
        return (pictures, errors)
    }

    @Test("leaving out B-pictures and the loop filter changes no vector of an anchor")
    func options() throws {
        let units = try EncoderSetting.medium.encode(luma: Self.luma).units
        let all = try decode(units, skipsNonReference: false, filtersNonKey: true).pictures
        let few = try decode(units, skipsNonReference: true, filtersNonKey: false).pictures
        #expect(all.count == 40 && all.map(\.pts) == units.map(\.pts).sorted())
        #expect(all.allSatisfy { $0.isFiltered && !$0.isCorrupt })
        let leftOut = Set(units.filter { !$0.traits.isReference }.map(\.pts))
        #expect(!leftOut.isEmpty && leftOut.isDisjoint(with: few.map(\.pts)))
        #expect(few.map(\.vectors) == all.filter { !leftOut.contains($0.pts) }.map(\.vectors))
        #expect(few.filter(\.isFiltered).map(\.type) == [.intra])
    }

    @Test("pictures count as filtered again from the next key picture on")
    func drift() throws {
        let units = try EncoderSetting.singleReference.encode(luma: Self.luma, picturesPerScene: 20).units
        var decoder = try VideoDecoder(codec: .h264, filtersNonKey: false)
        var filtered: [Bool] = []
        for (index, unit) in units.enumerated() {
            decoder.filtersNonKey = index >= 10
            try decoder.decode(unit) { filtered.append($0.isFiltered) }
        }
        try decoder.flush { filtered.append($0.isFiltered) }
        #expect(filtered == (0..<40).map { $0 == 0 || $0 >= 20 })
    }

    @Test("what the scanner reads of pictures is what the decoder finds", arguments: [EncoderSetting.medium, .mpeg4])
    func traits(setting: EncoderSetting) throws {
        let video = try setting.encode(luma: Self.luma)
        let pictures = try decode(video.units, codec: video.codec, skipsNonReference: false, filtersNonKey: true)
            .pictures
        #expect(pictures.map(\.type) == video.units.sorted { $0.pts < $1.pts }.map(\.traits.type))
        #expect(video.units.filter(\.traits.isKey).map(\.pts) == pictures.filter { $0.type == .intra }.map(\.pts))
        #expect(!video.units.contains { $0.traits.changesParameters })
        let references = video.units.map(\.traits.activeReferences).max() ?? 0
        #expect(setting.codec == .h264 ? references > 1 : references == 1)
    }

    @Test("damaged units are refused or marked, and decoding goes on")
    func damage() throws {
        var units = try EncoderSetting.singleReference.encode(luma: Self.luma).units
        units[7].bytes = [1, 2, 3]
        units[8].bytes = []
        for place in units[20].bytes.indices.dropFirst(60) { units[20].bytes[place] ^= UInt8(place & 0x55) }
        let result = try decode(units, skipsNonReference: false, filtersNonKey: true)
        #expect(result.errors.count >= 2)
        guard case .refused(let pts, _)? = result.errors.first as? DecoderError else {
            Issue.record("not refused")
            return
        }
        #expect(pts == units[7].pts)
        #expect(result.pictures.contains { $0.isCorrupt && $0.pts >= units[20].pts })
        #expect(result.pictures.last?.pts == units.last?.pts)
    }

    @Test("a picture can be copied: planes without padding, in the picture's own size")
    func copy() throws {
        let unit = try #require(try EncoderSetting.singleReference.encode(luma: Self.luma).units.first)
        var decoder = try VideoDecoder(codec: .h264)
        var copy: Picture?
        try decoder.decode(unit) { copy = $0.makePicture() }
        try decoder.flush { copy = $0.makePicture() }
        let picture = try #require(copy)
        #expect(picture.width == Scene.width && picture.height == Scene.height && picture.bitDepth == 8)
        #expect(picture.matrix == .bt601 && picture.planes.map(\.width) == [640, 320, 320])
        #expect(picture.planes.map(\.bytes.count) == [640 * 360, 320 * 180, 320 * 180])
        let difference = zip(picture.planes[0].bytes, Self.luma).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(difference / picture.planes[0].bytes.count < 20)
    }

    @Test("the way to motion: its own vectors where libavcodec exports them")
    func ways() {
        func choose(_ codec: VideoCodec, profile: String? = nil, isInterlaced: Bool = false) -> MotionWay {
            let format = VideoFormat(
                codec: codec, profile: profile, width: 640, height: 360, isInterlaced: isInterlaced)
            return MotionWay.choose(format: format).way
        }
        #expect(choose(.h264) == .codec && choose(.h264, profile: "high") == .codec && choose(.mpeg2) == .codec)
        #expect(choose(.h264, isInterlaced: true) == .reencode)
        #expect(choose(.h264, profile: "high-10-intra") == .reencode)
        #expect(choose(.h265) == .reencode && choose(.mjpeg) == .reencode)
        #expect(MotionWay.choose(format: VideoFormat(codec: .vp9, width: 1, height: 1)).reason.contains("vp9"))
    }
}
