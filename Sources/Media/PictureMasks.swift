/// A part of the picture in fractions of its width and height, from the upper left corner.
public struct PictureRectangle: Sendable, Hashable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// Parts of a stream's pictures that nobody looks at.
public struct PictureMasks: Sendable, Hashable {
    /// Nothing is masked.
    public static let none = PictureMasks()

    /// What moves here is not looked at; the pixels are shown.
    public var ignore: [PictureRectangle]
    /// The pixels are black before anything keeps or tells them.
    public var privacy: [PictureRectangle]

    public init(ignore: [PictureRectangle] = [], privacy: [PictureRectangle] = []) {
        self.ignore = ignore
        self.privacy = privacy
    }

    public var isEmpty: Bool { ignore.isEmpty && privacy.isEmpty }

    /// The privacy masks in pixels, grown so that nothing of a masked pixel is left outside.
    ///
    /// A codec's loop filters carry a pixel's value up to 15 pixels (VP9's, the furthest of H.264, H.265, VP8 and VP9), and a block's
    /// vector tells of the whole block. So each side lies at least `PixelRectangle.reach` pixels further out, and on the border of a macroblock.
    public func privatePixels(width: Int, height: Int) -> [PixelRectangle] {
        privacy.map { $0.pixels(width: width, height: height).grown(width: width, height: height) }
    }

    /// The ignored parts in pixels, partly covered pixels among them.
    public func ignoredPixels(width: Int, height: Int) -> [PixelRectangle] {
        ignore.map { $0.pixels(width: width, height: height) }
    }
}

/// A part of a picture in whole pixels.
public struct PixelRectangle: Sendable, Hashable {
    /// How far a privacy mask reaches beyond what was asked for, in pixels, before it is rounded to macroblocks.
    public static let reach = 16
    static let macroblock = 16

    public var x: Range<Int>
    public var y: Range<Int>

    public init(x: Range<Int>, y: Range<Int>) {
        self.x = x
        self.y = y
    }

    fileprivate func grown(width: Int, height: Int) -> PixelRectangle {
        PixelRectangle(x: Self.grown(x, length: width), y: Self.grown(y, length: height))
    }

    private static func grown(_ range: Range<Int>, length: Int) -> Range<Int> {
        let low = max(range.lowerBound - reach, 0) / macroblock * macroblock
        let high = (range.upperBound + reach + macroblock - 1) / macroblock * macroblock
        return low..<max(min(high, length), low)
    }
}

extension PictureRectangle {
    /// All pixels that it covers, be it in part. A hair's breadth beyond a pixel's border is rounding.
    fileprivate func pixels(width: Int, height: Int) -> PixelRectangle {
        func range(_ start: Double, _ extent: Double, _ length: Int) -> Range<Int> {
            let hair = 1e-6
            let low = Int((start * Double(length) + hair).rounded(.down))
            let high = Int(((start + extent) * Double(length) - hair).rounded(.up))
            return min(max(low, 0), length)..<min(max(high, low, 0), length)
        }
        return PixelRectangle(x: range(x, self.width, width), y: range(y, self.height, height))
    }
}
