/// A picture to look at: R′, G′, B′ (sRGB) of each pixel, 0…255, rows top to bottom without padding.
public struct RGBPicture: Sendable, Hashable {
    public let width: Int
    public let height: Int
    /// 3 · width · height bytes.
    public var rgb: [UInt8]

    public init(width: Int, height: Int, rgb: [UInt8]) {
        precondition(rgb.count == 3 * width * height, "three bytes a pixel")
        self.width = width
        self.height = height
        self.rgb = rgb
    }
}
