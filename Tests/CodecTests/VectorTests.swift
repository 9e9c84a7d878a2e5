import CLibAV
import Codec
import Foundation
import Media
import MediaTesting
import Testing

@Suite struct VectorTests {
    @Test("a motion vector lies in memory as libavcodec's does")
    func layout() {
        #expect(MemoryLayout<MotionVector>.stride == MemoryLayout<AVMotionVector>.stride)
        #expect(MemoryLayout<MotionVector>.alignment == MemoryLayout<AVMotionVector>.alignment)
        func same(_ ours: PartialKeyPath<MotionVector>, _ theirs: PartialKeyPath<AVMotionVector>) -> Bool {
            MemoryLayout<MotionVector>.offset(of: ours) == MemoryLayout<AVMotionVector>.offset(of: theirs)
        }
        #expect(same(\.source, \.source))
        #expect(same(\.width, \.w))
        #expect(same(\.height, \.h))
        #expect(same(\.sourceX, \.src_x))
        #expect(same(\.sourceY, \.src_y))
        #expect(same(\.destinationX, \.dst_x))
        #expect(same(\.destinationY, \.dst_y))
        #expect(same(\.flags, \.flags))
        #expect(same(\.motionX, \.motion_x))
        #expect(same(\.motionY, \.motion_y))
        #expect(same(\.motionScale, \.motion_scale))
    }

    // Decoder versions differ in the last two block rows of one B-picture: 16 vectors more and 6 fewer, 10 in the sum.
    @Test(
        "all vectors of all pictures are those that an independent extractor reports",
        .enabled(
            if: FFmpeg.isInstalled && SharedFolder.has("media", "fixtures/motion-vectors"),
            "needs ffmpeg and the shared fixtures"),
        arguments: [("car-detection", [:]), ("bottle-detection", [75: 22])])
    func exactness(clip: String, known: [Int: Int]) throws {
        let fixture = try VectorFixture(clip: clip)
        let file = URL(fileURLWithPath: SharedFolder.path("media/\(clip).mp4"))
        let video = try CodedVideo(file: file, codec: .h264)
        var decoder = try VideoDecoder(codec: .h264, skipsNonReference: false)
        var picture = 0
        var differences: [Int: Int] = [:]
        var times: [MediaTime] = []
        func compare(_ decoded: any DecodedPicture) {
            defer { picture += 1 }
            times.append(decoded.pts)
            guard picture < fixture.pictures else { return }
            #expect(decoded.type.rawValue.asciiValue == fixture.types[picture])
            let expected = fixture.vectors(ofPicture: picture)
            let actual = decoded.withVectors { $0.map(\.numbers) }
            if actual != expected { differences[picture] = actual.difference(from: expected).count }
        }
        for unit in video.units { try decoder.decode(unit, compare) }
        try decoder.flush(compare)
        #expect(picture == video.units.count)
        #expect(differences == known)
        let inDisplayOrder = times == video.units.map(\.pts).sorted()
        #expect(inDisplayOrder)
    }
}
