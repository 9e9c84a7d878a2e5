import Media
import Rendering
import Testing

@Suite struct PictureSheetTests {
    private let tile = PictureSize(video: (1280, 720), longSide: 288)

    private func plain(_ level: UInt8) -> RGBPicture {
        RGBPicture(width: 144, height: 80, rgb: Array(repeating: level, count: 3 * 144 * 80))
    }

    private func level(_ sheet: RGBPicture, x: Int, y: Int) -> UInt8 { sheet.rgb[3 * (y * sheet.width + x)] }

    @Test func picturesStandInRowsOfFour() {
        let tiles = (0..<6).map {
            PictureSheet.Tile(picture: $0 == 4 ? nil : plain(UInt8(100 + 20 * $0)), caption: ["1", "2", "3", "4"])
        }
        let sheet = PictureSheet.draw(tiles, tile: tile, title: "six")
        // 288 x 162 a picture, three lines below it, a title above, 8 pixels between.
        #expect(sheet.width == 8 + 4 * 296 && sheet.height == 34 + 2 * (162 + 54 + 8))
        for index in 0..<6 {
            let (x, y) = (8 + index % 4 * 296 + 144, 34 + index / 4 * 224 + 81)
            #expect(level(sheet, x: x, y: y) == (index == 4 ? 64 : UInt8(100 + 20 * index)))
        }
        // Behind the last one there is nothing.
        #expect(level(sheet, x: 8 + 2 * 296 + 144, y: 34 + 224 + 81) == 24)
    }

    /// What is written is lighter than the ground.
    @Test func captionsStandBelowAndStayInTheirColumn() {
        func lit(_ sheet: RGBPicture, x: Range<Int>, y: Range<Int>) -> Int {
            y.reduce(0) { sum, y in sum + x.count { level(sheet, x: $0, y: y) > 100 } }
        }
        let long = String(repeating: "8", count: 60)
        let sheet = PictureSheet.draw(
            [PictureSheet.Tile(picture: plain(0), caption: [long]), PictureSheet.Tile(picture: plain(0), caption: [])],
            tile: tile, title: "two")
        #expect(lit(sheet, x: 8..<296, y: 34 + 162..<34 + 162 + 22) > 500)
        #expect(lit(sheet, x: 304..<600, y: 34 + 162..<34 + 224) == 0)
        #expect(lit(sheet, x: 8..<100, y: 0..<34) > 50)
    }

    @Test func anEmptySheetIsAPictureToo() {
        let sheet = PictureSheet.draw([], tile: tile, title: "none")
        #expect(sheet.width == 1192 && sheet.height == 34 + 224)
    }

    @Test func manyPicturesGiveASheetThatIsNotALadder() {
        let size = PictureSheet.size(tiles: 1024, tile: tile)
        #expect(size.width == 8 + 16 * 296 && size.height == 34 + 64 * 224)
    }
}
