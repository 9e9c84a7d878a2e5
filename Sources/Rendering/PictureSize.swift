/// The size of a drawn picture: the video's proportions, even sides.
public struct PictureSize: Sendable, Hashable {
    public let width: Int
    public let height: Int

    /// - Parameters:
    ///   - video: the size of the video in pixels; 16:9 where it is not known. Proportions beyond 1:4 are drawn as 1:4.
    ///   - longSide: the longer side of the result.
    public init(video: (width: Int, height: Int)?, longSide: Int) {
        let (width, height) = video.map { (Double(max($0.width, 1)), Double(max($0.height, 1))) } ?? (16, 9)
        let ratio = min(max(width / height, 0.25), 4)
        self.width = Self.even(Double(longSide) * min(ratio, 1))
        self.height = Self.even(Double(longSide) / max(ratio, 1))
    }

    private static func even(_ side: Double) -> Int { max(Int((side / 2).rounded()) * 2, 2) }
}
