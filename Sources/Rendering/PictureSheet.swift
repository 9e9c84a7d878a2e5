public import Media

/// Draws many small pictures with captions, in rows from the top left.
public enum PictureSheet {
    /// Lines a caption has room for, and the characters that fit on a picture of 288 pixels.
    public static let lines = 3
    static let margin = 8
    static let lineHeight = 18
    static let titleHeight = 34
    private static let scale = 2
    private static let minimumColumns = 4

    /// A picture and what stands below it.
    public struct Tile: Sendable, Hashable {
        /// Nil: a grey field.
        public var picture: RGBPicture?
        public var caption: [String]

        public init(picture: RGBPicture?, caption: [String]) {
            self.picture = picture
            self.caption = caption
        }
    }

    /// - Parameter tile: the size of each picture without its caption.
    public static func draw(_ tiles: [Tile], tile: PictureSize, title: String) -> RGBPicture {
        let columns = columns(of: tiles.count)
        let size = size(tiles: tiles.count, tile: tile)
        var canvas = Canvas(width: size.width, height: size.height, colour: SIMD3(repeating: 24))
        canvas.write(title, x: margin, y: margin + 2, scale: scale)
        for (index, content) in tiles.enumerated() {
            let x = margin + index % columns * (tile.width + margin)
            let y = titleHeight + index / columns * rowHeight(tile)
            canvas.paste(content.picture?.scaled(to: tile) ?? plain(tile), x: x, y: y)
            for (line, text) in content.caption.prefix(lines).enumerated() {
                let room = (tile.width + margin) / ((PixelFont.width + 1) * scale)
                canvas.write(
                    String(text.prefix(room)), x: x, y: y + tile.height + 4 + line * lineHeight, scale: scale)
            }
        }
        return canvas.picture
    }

    /// The size of a sheet: four pictures a row, more where there are more than sixteen rows.
    package static func size(tiles: Int, tile: PictureSize) -> (width: Int, height: Int) {
        let columns = columns(of: tiles)
        let rows = (max(tiles, 1) + columns - 1) / columns
        return (margin + columns * (tile.width + margin), titleHeight + rows * rowHeight(tile))
    }

    private static func columns(of tiles: Int) -> Int {
        max(minimumColumns, Int(Double(tiles).squareRoot() / 2))
    }

    private static func rowHeight(_ tile: PictureSize) -> Int { tile.height + lines * lineHeight + margin }

    private static func plain(_ size: PictureSize) -> RGBPicture {
        RGBPicture(
            width: size.width, height: size.height, rgb: Array(repeating: 64, count: 3 * size.width * size.height))
    }
}
