import Codec
import Foundation
import Media
import MediaTesting
import Testing

/// What the `ffmpeg` command reads from the JPEG files of pictures whose colours are known.
@Suite(.enabled(if: FFmpeg.isInstalled, "needs ffmpeg"))
struct JPEGEncoderTests {
    /// R′G′B′ of the four quarters of a picture.
    private static let colours: [SIMD3<Double>] = [
        SIMD3(200, 40, 30), SIMD3(30, 160, 60), SIMD3(40, 60, 210), SIMD3(180, 180, 180),
    ]

    struct Layout: Sendable, CustomTestStringConvertible {
        var chroma: (x: Int, y: Int)?
        var bitDepth = 8
        var isFullRange = false
        var matrix = ColourMatrix.bt601
        var testDescription: String {
            "\(chroma.map { "\($0.x):\($0.y)" } ?? "grey") \(bitDepth) bits \(isFullRange ? "full" : "limited") \(matrix)"
        }
    }

    static let layouts = [
        Layout(chroma: (1, 1)), Layout(chroma: (1, 0)), Layout(chroma: (0, 0)), Layout(chroma: nil),
        Layout(chroma: (1, 1), isFullRange: true), Layout(chroma: (1, 1), matrix: .bt709),
        Layout(chroma: (1, 1), matrix: .bt2020), Layout(chroma: (1, 1), bitDepth: 10, matrix: .bt709),
        Layout(chroma: (0, 0), bitDepth: 12, isFullRange: true), Layout(chroma: nil, bitDepth: 10),
        Layout(chroma: nil, isFullRange: true), Layout(chroma: (1, 0), bitDepth: 16),
    ]

    /// Kr and Kb of ITU-T H.273.
    private static func shares(_ matrix: ColourMatrix) -> (r: Double, b: Double) {
        switch matrix {
        case .bt601: (0.299, 0.114)
        case .bt709: (0.2126, 0.0722)
        case .bt2020: (0.2627, 0.0593)
        }
    }

    /// A picture of four quarters, by the equations of ITU-T H.273 §8.3.
    private static func picture(_ layout: Layout, width: Int, height: Int) -> Picture {
        let (kr, kb) = shares(layout.matrix)
        let unit = Double(1 << (layout.bitDepth - 8)), top = Double(1 << layout.bitDepth) - 1
        func samples(_ colour: SIMD3<Double>) -> [Int] {
            let c = colour / 255
            let y = kr * c.x + (1 - kr - kb) * c.y + kb * c.z
            let cb = (c.z - y) / (2 * (1 - kb)), cr = (c.x - y) / (2 * (1 - kr))
            return
                layout.isFullRange
                ? [y * top, cb * top + 128 * unit, cr * top + 128 * unit].map { Int($0.rounded()) }
                : [unit * (219 * y + 16), unit * (224 * cb + 128), unit * (224 * cr + 128)].map { Int($0.rounded()) }
        }
        let values = colours.map(samples)
        func plane(_ component: Int, shift: (x: Int, y: Int)) -> Picture.Plane {
            let w = (width + (1 << shift.x) - 1) >> shift.x, h = (height + (1 << shift.y) - 1) >> shift.y
            var bytes: [UInt8] = []
            for y in 0..<h {
                for x in 0..<w {
                    let value = values[(2 * y < h ? 0 : 2) + (2 * x < w ? 0 : 1)][component]
                    bytes.append(UInt8(value & 255))
                    if layout.bitDepth > 8 { bytes.append(UInt8(value >> 8)) }
                }
            }
            return Picture.Plane(width: w, height: h, bytes: bytes)
        }
        let chroma = layout.chroma.map { [plane(1, shift: $0), plane(2, shift: $0)] } ?? []
        return Picture(
            pts: .zero, type: .intra, width: width, height: height, bitDepth: layout.bitDepth, matrix: layout.matrix,
            isFullRange: layout.isFullRange, planes: [plane(0, shift: (0, 0))] + chroma)
    }

    /// The pixels that the command decodes, three bytes each, and the file's size as `ffprobe` reads it.
    private static func read(_ jpeg: [UInt8]) throws -> (rgb: [UInt8], size: String) {
        try FFmpeg.withTemporaryDirectory { folder in
            let file = folder.appendingPathComponent("x.jpg")
            try Data(jpeg).write(to: file)
            let rgb = try FFmpeg.run(
                "ffmpeg",
                [
                    "-v", "error", "-i", file.path, "-sws_flags", "accurate_rnd+full_chroma_int", "-f", "rawvideo",
                    "-pix_fmt", "rgb24", "-",
                ])
            let size = try FFmpeg.run(
                "ffprobe", ["-v", "error", "-show_entries", "stream=width,height,pix_fmt", "-of", "csv=p=0", file.path])
            return (Array(rgb), String(decoding: size, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    @Test("colours are right for every layout, range, depth and matrix", arguments: layouts)
    func colours(_ layout: Layout) throws {
        let (width, height) = (128, 96)
        let jpeg = try JPEGEncoder.encode(
            Self.picture(layout, width: width, height: height), longSide: 640, quality: 80)
        #expect(jpeg.width == width && jpeg.height == height)
        let (rgb, size) = try Self.read(jpeg.bytes)
        #expect(size == "128,96,yuvj420p")
        let (kr, kb) = Self.shares(layout.matrix)
        for (quarter, colour) in Self.colours.enumerated() {
            let y = kr * colour.x + (1 - kr - kb) * colour.y + kb * colour.z
            let wanted = layout.chroma == nil ? SIMD3(repeating: y) : colour
            // In the middle of the quarter, away from the edges.
            let at = 3 * ((quarter / 2 * 48 + 24) * width + quarter % 2 * 64 + 32)
            for channel in 0..<3 {
                #expect(abs(Double(rgb[at + channel]) - wanted[channel]) <= 3, "quarter \(quarter), channel \(channel)")
            }
        }
    }

    @Test(
        "sizes keep their proportions",
        arguments: [
            (1920, 1080, 640, "640,360"), (1080, 1920, 640, "360,640"), (101, 57, 640, "101,57"), (1, 1, 640, "1,1"),
            (2000, 3, 100, "100,1"), (17, 33, 16, "8,16"),
        ])
    func sizes(width: Int, height: Int, limit: Int, wanted: String) throws {
        let picture = Self.picture(Layout(chroma: (1, 1)), width: width, height: height)
        let jpeg = try JPEGEncoder.encode(picture, longSide: limit, quality: 80)
        #expect("\(jpeg.width),\(jpeg.height)" == wanted)
        #expect(try Self.read(jpeg.bytes).size == wanted + ",yuvj420p")
    }

    /// A texture: the error of a file falls as its quality and its bytes rise.
    @Test func quality() throws {
        let luma = Scene.all[0].render(count: 1)
        let chroma = [UInt8](repeating: 128, count: 320 * 180)
        let picture = Picture(
            pts: .zero, type: .intra, width: 640, height: 360, matrix: .bt601, isFullRange: true,
            planes: [
                Picture.Plane(width: 640, height: 360, bytes: luma),
                Picture.Plane(width: 320, height: 180, bytes: chroma),
                Picture.Plane(width: 320, height: 180, bytes: chroma),
            ])
        var last = (bytes: 0, error: Double.infinity)
        for quality in [10, 40, 80, 95] {
            let jpeg = try JPEGEncoder.encode(picture, longSide: 640, quality: quality)
            let rgb = try Self.read(jpeg.bytes).rgb
            let squares = luma.indices.reduce(0.0) {
                let difference = Double(rgb[3 * $1 + 1]) - Double(luma[$1])
                return $0 + difference * difference
            }
            let error = squares / Double(luma.count)
            #expect(jpeg.bytes.count > last.bytes && error < last.error, "quality \(quality)")
            if quality == 80 { #expect(error < 20 && jpeg.bytes.count < 60_000) }
            last = (jpeg.bytes.count, error)
        }
    }

    @Test func picturesThatDoNotFitTogetherAreRefused() {
        var picture = Self.picture(Layout(chroma: (1, 1)), width: 16, height: 16)
        picture.planes[1].bytes.removeLast()
        #expect(throws: EncoderError.self) { try JPEGEncoder.encode(picture, longSide: 640, quality: 80) }
        var odd = Self.picture(Layout(chroma: (1, 1), bitDepth: 10), width: 16, height: 16)
        odd.bitDepth = 11
        #expect(throws: EncoderError.self) { try JPEGEncoder.encode(odd, longSide: 640, quality: 80) }
    }
}
