public import Media

/// Whether a clip shows what an earlier one showed, so that its tokens can be used again: nothing moved, and the key picture has changed no
/// more than noise changes it. A pure value; knows the clip that was tokenized last.
public struct StaticClips: Sendable {
    /// Largest change of the mean of an 8 × 8 block of the key picture, in levels of grey (0…255).
    public static let pictureBound = 7.0
    /// Largest component of the mean motion of 2 × 2 cells over four pictures, in the tokenizer's units: 0.6 % of the picture's width, or 0.7 %
    /// of its height, from one picture to the next. Single vectors say nothing: in noise they may be as long as the encoder searches.
    public static let motionBound: Float = 0.6

    private static let window = (pictures: 4, cells: 2)
    private static let block = 8

    private var last: (input: VideoLaVITInput, tokens: ClipTokens, session: Int, index: Int)?

    public init() {}

    /// The earlier clip's tokens, with its index, where they hold for this clip too.
    public func tokens(for clip: Clip) -> ClipTokens? {
        guard let last, let input = clip.videoLaVIT, last.session == clip.session, Self.isSame(input, last.input) else {
            return nil
        }
        var tokens = last.tokens
        tokens.reusedFrom = last.index
        return tokens
    }

    /// Remembers a clip that was tokenized. What was used again is not remembered: small changes must not add up.
    public mutating func note(_ tokens: ClipTokens, of clip: Clip) {
        last = clip.videoLaVIT.map { ($0, tokens, clip.session, clip.index) }
    }

    static func isSame(_ first: VideoLaVITInput, _ second: VideoLaVITInput) -> Bool {
        guard first.key.width == second.key.width, first.key.height == second.key.height else { return false }
        return largestMotion(first.motion) <= motionBound && largestMotion(second.motion) <= motionBound
            && largestChange(first.key, second.key) <= pictureBound
    }

    /// The largest component of a window's mean.
    package static func largestMotion(_ motion: [Float]) -> Float {
        let (rows, columns, pictures) = (MotionField.rows, MotionField.columns, Clip.fieldCount)
        var largest: Float = 0
        for axis in 0..<2 {
            for picture in 0...pictures - window.pictures {
                for row in 0...rows - window.cells {
                    for column in 0...columns - window.cells {
                        var sum: Float = 0
                        for later in 0..<window.pictures {
                            for below in 0..<window.cells {
                                let line = ((axis * pictures + picture + later) * rows + row + below) * columns
                                for right in 0..<window.cells { sum += motion[line + column + right] }
                            }
                        }
                        largest = max(largest, abs(sum))
                    }
                }
            }
        }
        return largest / Float(window.pictures * window.cells * window.cells)
    }

    /// The largest change of a block's mean; blocks at the right and lower borders may be smaller.
    package static func largestChange(_ first: RGBPicture, _ second: RGBPicture) -> Double {
        let (width, height) = (first.width, first.height)
        let columns = (width + block - 1) / block
        var largest = 0.0
        first.rgb.withUnsafeBufferPointer { first in
            second.rgb.withUnsafeBufferPointer { second in
                for top in stride(from: 0, to: height, by: block) {
                    let bottom = min(top + block, height)
                    for column in 0..<columns {
                        let left = column * block, right = min(left + block, width)
                        var sum = 0
                        for row in top..<bottom {
                            for place in 3 * (row * width + left)..<3 * (row * width + right) {
                                sum &+= Int(first[place]) &- Int(second[place])
                            }
                        }
                        let samples = 3 * (right - left) * (bottom - top)
                        largest = max(largest, Double(abs(sum)) / Double(samples))
                    }
                }
            }
        }
        return largest
    }
}
