import Clips
import Codec
import Foundation
import Media
import MediaTesting
import Testing

/// A square that moves under a mask only.
@Suite(.enabled(if: FFmpeg.isInstalled, "needs ffmpeg"))
struct MaskTests {
    private static let pictures = 200
    /// Where the square ever is: columns 60 to 310, rows 80 to 240 of 640 × 360.
    private static let rectangle = PictureRectangle(x: 0.09, y: 0.22, width: 0.4, height: 0.45)
    private static let moving = {
        var scene = empty
        scene.square = Scene.all.compactMap(\.square).first
        scene.square?.x = 60
        scene.square?.y = 80
        scene.square?.side = 110
        scene.square?.velocity = SIMD2(0.7, 0.25)
        return scene
    }()
    private static let empty = {
        var scene = Scene.all[0]
        scene.noise = 0
        return scene
    }()

    private static let video = Result {
        try EncoderSetting.medium.encode(luma: moving.render(count: pictures), picturesPerScene: pictures)
    }

    /// Without loss: what one part of the picture shows changes nothing in another.
    private static func lossless(_ scene: Scene) throws -> CodedVideo {
        try FFmpeg.withTemporaryDirectory { folder in
            let raw = folder.appendingPathComponent("x.raw"), file = folder.appendingPathComponent("x.mp4")
            try Data(scene.render(count: 100)).write(to: raw)
            try FFmpeg.run(
                "ffmpeg",
                [
                    "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", "640x360", "-r", "25", "-i", raw.path,
                    "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-g", "25", file.path,
                ])
            return try CodedVideo(file: file, codec: .h264)
        }
    }

    private func clips(_ outputs: [ClipOutput]) -> [Clip] {
        outputs.compactMap { if case .clip(let clip) = $0 { clip } else { nil } }
    }

    private func run(
        _ video: CodedVideo, _ way: MotionWay, _ masks: PictureMasks, attachesVideoLaVIT: Bool = false
    ) throws -> [Clip] {
        clips(
            try assemble(
                video, width: Scene.width, height: Scene.height, way: way, attachesVideoLaVIT: attachesVideoLaVIT,
                masks: masks))
    }

    /// Cells that the rectangle lies in, by area alone.
    private static let cells = (0..<MotionField.cells).filter { cell in
        let (row, column) = cell.quotientAndRemainder(dividingBy: MotionField.columns)
        let x = Double(column) / 36, y = Double(row) / 20
        return x < rectangle.x + rectangle.width && x + 1.0 / 36 > rectangle.x && y < rectangle.y + rectangle.height
            && y + 0.05 > rectangle.y
    }

    @Test("masked cells say nothing, and what moves there moves nowhere else", arguments: [MotionWay.codec, .reencode])
    func cells(_ way: MotionWay) throws {
        let video = try Self.video.get()
        func fastest(_ field: MotionField) -> Float {
            field.velocity.map { max(abs($0.x) * 640, abs($0.y) * 360) }.max() ?? 0
        }
        let open = try run(video, way, .none)
        // The square's 17.5 pixels a second are seen where nothing hides them.
        #expect(open[0].fields.map(fastest).max() ?? 0 > 15)
        #expect(open[0].fields[5].luma.allSatisfy { $0 > 0 })
        for masks in [PictureMasks(ignore: [Self.rectangle]), PictureMasks(privacy: [Self.rectangle])] {
            let masked = try run(video, way, masks)
            #expect(masked.count == open.count && masked[0].isComplete)
            for field in masked.flatMap({ $0.fields }) where !field.luma.isEmpty {
                for cell in Self.cells {
                    #expect(field.velocity[cell] == .zero && field.validity[cell] == 0)
                    #expect(field.luma[cell] == 0 && field.texture[cell] == 0)
                }
                #expect(fastest(field) < 4)
                #expect(field.luma[0] > 0 && field.luma[719] > 0)
            }
            // Away from the mask everything is as it was.
            #expect(masked[0].fields[5].luma[700] == open[0].fields[5].luma[700])
        }
    }

    @Test("privacy pixels of the key picture and of its JPEG file are black", arguments: [MotionWay.codec, .reencode])
    func pixels(_ way: MotionWay) throws {
        let masks = PictureMasks(privacy: [Self.rectangle])
        let clip = try #require(try run(Self.video.get(), way, masks, attachesVideoLaVIT: way == .reencode).first)
        let picture = clip.key.picture
        let (columns, rows) = (58..<314, 80..<241)
        for y in rows { for x in columns { #expect(picture.planes[0].bytes[y * 640 + x] == 16) } }
        for plane in picture.planes[1...] {
            for y in 40..<120 { for x in 29..<157 { #expect(plane.bytes[y * 320 + x] == 128) } }
        }
        #expect(picture.planes[0].bytes[10 * 640 + 600] > 16)
        let jpeg = try JPEGEncoder.encode(picture, longSide: 640, quality: 80).bytes
        let rgb = try FFmpeg.withTemporaryDirectory { folder in
            let file = folder.appendingPathComponent("x.jpg")
            try Data(jpeg).write(to: file)
            return try FFmpeg.run(
                "ffmpeg", ["-v", "error", "-i", file.path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        }
        #expect(rows.allSatisfy { y in columns.allSatisfy { x in rgb[3 * (y * 640 + x)] <= 2 } })
        guard way == .reencode else { return }
        let input = try #require(clip.videoLaVIT)
        #expect(rows.allSatisfy { y in columns.allSatisfy { x in input.key.rgb[3 * (y * 640 + x)] == 0 } })
        #expect(input.motion.allSatisfy { abs($0) < 0.5 })
    }

    @Test("ignored pixels are shown")
    func ignored() throws {
        let video = try Self.video.get()
        let masked = try run(video, .codec, PictureMasks(ignore: [Self.rectangle]))
        #expect(try masked[0].key.picture == run(video, .codec, .none)[0].key.picture)
    }

    @Test("encoded anew, nothing at all depends on what lies under a privacy mask")
    func nothingLeaks() throws {
        let masks = PictureMasks(privacy: [Self.rectangle])
        let moving = try Self.lossless(Self.moving), empty = try Self.lossless(Self.empty)
        let withSquare = try run(moving, .reencode, masks, attachesVideoLaVIT: true)
        let without = try run(empty, .reencode, masks, attachesVideoLaVIT: true)
        #expect(withSquare.count == 1 && without.count == 1)
        #expect(withSquare[0].fields == without[0].fields)
        #expect(withSquare[0].key.picture == without[0].key.picture)
        #expect(withSquare[0].videoLaVIT == without[0].videoLaVIT)
        #expect(try run(moving, .reencode, .none)[0].fields != run(empty, .reencode, .none)[0].fields)
    }

    @Test("a privacy mask grows to whole macroblocks, an ignore mask to whole pixels; none leaves the picture")
    func growth() {
        let corner = PictureRectangle(x: 0.95, y: 0, width: 0.05, height: 0.1)
        let masks = PictureMasks(ignore: [corner], privacy: [corner])
        #expect(
            masks.privatePixels(width: 640, height: 360) == [PixelRectangle(x: 592..<640, y: 0..<64)])
        #expect(masks.ignoredPixels(width: 640, height: 360) == [PixelRectangle(x: 608..<640, y: 0..<36)])
        #expect(masks.privatePixels(width: 1, height: 1) == [PixelRectangle(x: 0..<1, y: 0..<1)])
    }
}
