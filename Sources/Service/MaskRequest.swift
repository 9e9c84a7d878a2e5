package import Media

/// Masks of a command line: rectangles, each `x,y,width,height` in fractions of the picture.
public struct MaskRequest: Sendable {
    /// A rectangle that is none.
    public struct Wrong: Error, CustomStringConvertible {
        public var description: String
    }

    package private(set) var masks = PictureMasks.none

    /// Nothing is masked.
    public init() {}

    /// - Parameters:
    ///   - privacy: what is black before anything is made of a picture.
    ///   - ignore: where nothing is seen to move.
    /// - Throws: `Wrong`.
    public init(privacy: [String], ignore: [String]) throws {
        masks = PictureMasks(
            ignore: try ignore.map { try Self.rectangle($0, "--ignore") },
            privacy: try privacy.map { try Self.rectangle($0, "--privacy") })
    }

    private static func rectangle(_ text: String, _ option: String) throws -> PictureRectangle {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let rectangle = PictureRectangle(fractions: parts.compactMap { Double($0) }), parts.count == 4 else {
            throw Wrong(
                description:
                    "\(option) \(text) is no part of the picture; write x,y,width,height in fractions of it, e.g. 0,0,0.3,0.4"
            )
        }
        return rectangle
    }
}

extension PictureRectangle {
    /// Four fractions from 0 to 1: x, y, width, height. Nil where they have no area, or reach beyond the picture.
    init?(fractions: [Double]) {
        guard fractions.count == 4, fractions.allSatisfy({ (0...1).contains($0) }) else { return nil }
        self.init(x: fractions[0], y: fractions[1], width: fractions[2], height: fractions[3])
        guard width > 0, height > 0, x + width <= 1.000_001, y + height <= 1.000_001 else { return nil }
    }
}
