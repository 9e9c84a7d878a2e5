internal import Media
internal import Tensors

/// The motion of the 24 pictures of a clip as Video-LaVIT's motion tokenizer takes it.
package enum VideoLaVITMotion {
    /// In the reference's clips the second I-picture is here.
    private static let secondIntra = 12

    /// - Parameter frames: by the picture's place in the clip, of one size; nil where the clip has none, which is no motion.
    /// - Returns: 2 × 24 × 20 × 36 (horizontal, vertical; pictures; rows; columns).
    package static func tensor(_ frames: [MacroblockMaximum?], width: Int, height: Int) -> [Float] {
        precondition(frames.count <= Clip.fieldCount, "more pictures than a clip has")
        let none = MacroblockMaximum(width: width, height: height)
        func frame(_ index: Int) -> MacroblockMaximum { index < frames.count ? frames[index] ?? none : none }
        let cells = MotionField.cells
        var result = [Float](repeating: 0, count: 2 * Clip.fieldCount * cells)
        // Picture 0 is where the vectors begin: it has none in the reference, being an I-picture.
        for index in 1..<Clip.fieldCount {
            let isSecondIntra = index == secondIntra
            let maximum = isSecondIntra ? .mean(frame(index - 1), frame(index + 1)) : frame(index)
            let resized = TensorBicubic.resize(
                maximum.values, rows: maximum.rows, columns: maximum.columns, toRows: MotionField.rows,
                columns: MotionField.columns)
            for axis in 0..<2 {
                let start = (axis * Clip.fieldCount + index) * cells
                result.replaceSubrange(start..<start + cells, with: resized[axis * cells..<(axis + 1) * cells])
            }
        }
        return result
    }
}
