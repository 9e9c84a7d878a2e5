import Media

/// Reduces a plane to a given size; each new sample is the mean of the area it covers, with exact integer weights.
enum AreaAverage {
    static func reduce(_ picture: Picture, plane index: Int, width: Int, height: Int) throws(ClipError) -> [Double] {
        let plane = picture.planes[index]
        let bytesPerSample = picture.bitDepth > 8 ? 2 : 1
        // Sizes up to 65 536 keep the sums below 2⁵³: exact in Int and in Double.
        let sizes = 1...65_536
        guard sizes.contains(plane.width), sizes.contains(plane.height),
            plane.bytes.count >= plane.width * plane.height * bytesPerSample
        else {
            throw .planeSize(plane: index, width: plane.width, height: plane.height, bytes: plane.bytes.count)
        }
        return plane.bytes.withUnsafeBytes { bytes in
            if bytesPerSample == 1 {
                return reduce(plane, width, height) { Int(bytes[$0]) }
            }
            return reduce(plane, width, height) {
                Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)))
            }
        }
    }

    @inline(__always)
    private static func reduce(
        _ plane: Picture.Plane, _ width: Int, _ height: Int, _ sample: (Int) -> Int
    ) -> [Double] {
        let columns = spans(of: plane.width, in: width)
        let rows = spans(of: plane.height, in: height)
        var sums = [Int](repeating: 0, count: width * height)
        var line = [Int](repeating: 0, count: width)
        var loaded = -1
        for (row, span) in rows.enumerated() {
            for (source, weight) in span {
                // Two neighbours share the source row on their border.
                if source != loaded {
                    for (column, span) in columns.enumerated() {
                        line[column] = sum(span, source * plane.width, sample)
                    }
                    loaded = source
                }
                for column in 0..<width { sums[row * width + column] += line[column] * weight }
            }
        }
        let area = Double(plane.width * plane.height)
        return sums.map { Double($0) / area }
    }

    @inline(__always)
    private static func sum(_ span: [(source: Int, weight: Int)], _ start: Int, _ sample: (Int) -> Int) -> Int {
        var sum = 0
        for (source, weight) in span { sum += sample(start + source) * weight }
        return sum
    }

    /// The source samples below each of `targets` equal parts of `sources` samples, in units of 1/targets sample; the
    /// weights of a part add up to `sources`.
    private static func spans(of sources: Int, in targets: Int) -> [[(source: Int, weight: Int)]] {
        (0..<targets).map { target in
            let start = target * sources
            let end = start + sources
            return (start / targets...(end - 1) / targets).map { source in
                (source, min(end, (source + 1) * targets) - max(start, source * targets))
            }
        }
    }
}
