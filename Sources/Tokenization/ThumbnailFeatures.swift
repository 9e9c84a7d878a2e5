internal import Media

/// Key-frame ids as numbers that can be compared and averaged: what each block's ids say, undone from their packing.
enum ThumbnailFeatures {
    /// A cosine compares directions only: without this, a dark block and a bright one would be the same. As strong as 64 of 255 levels of grey.
    static let constant: Float = 512

    /// Each block of luma with the block of chroma that it lies in.
    static func features(of ids: [Int]) throws(TokenError) -> ClipFeatures {
        guard ids.count == ThumbnailCode.idCount else {
            throw .keyCount(ids.count, expected: ThumbnailCode.idCount)
        }
        let planes = ThumbnailCode.planes(of: ids)
        var values: [Float] = []
        for row in 0..<ThumbnailCode.blockRows {
            for column in 0..<ThumbnailCode.blockColumns {
                let chroma = row / 2 * ThumbnailCode.chromaColumns + column / 2
                values += try block(planes.y, row * ThumbnailCode.blockColumns + column, ThumbnailCode.luma)
                values += try block(planes.cb, chroma, ThumbnailCode.chroma)
                values += try block(planes.cr, chroma, ThumbnailCode.chroma)
                values.append(constant)
            }
        }
        return ClipFeatures(
            columns: values.count / (ThumbnailCode.blockRows * ThumbnailCode.blockColumns), values: values)
    }

    private static func block(
        _ ids: ArraySlice<Int>, _ block: Int, _ layout: [[ThumbnailCode.Coefficient]]
    ) throws(TokenError) -> [Float] {
        let spectrum = try ThumbnailCode.spectrum(ids, block: block, layout)
        return layout.joined().map { Float(spectrum[$0.row * 8 + $0.column]) }
    }
}
