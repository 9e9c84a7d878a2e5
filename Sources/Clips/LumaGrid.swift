package import Media

/// Mean luma and texture of the cells of a picture.
///
/// Both come from the quarter-size picture: each of its samples is the mean of 4 × 4 pixels (up to three pixels at the right
/// and lower borders are left out). A sample counts in every cell that its 4 × 4 pixels overlap, weighted by the overlap, in
/// whole numbers.
package struct LumaGrid: Sendable, Hashable {
    /// 0…255 whatever the bit depth.
    package var mean: [Float]
    /// Standard deviation in the same scale.
    package var texture: [Float]

    /// Nil for pictures smaller than 4 × 4.
    package init?(_ view: LumaView) {
        guard let width = QuarterAxis(pixels: view.width, cells: MotionField.columns),
            let height = QuarterAxis(pixels: view.height, cells: MotionField.rows)
        else { return nil }
        var moments = Array(repeating: Moments(), count: MotionField.cells)
        var samples = Array(repeating: UInt32(0), count: width.samples)
        for y in 0..<height.samples {
            view.sumBlocks(row: y, into: &samples)
            let columns = width.moments(of: samples)
            height.spread(columns, ofSample: y, over: &moments)
        }
        let scale = 16 * Double(1 << (view.bitDepth - 8))
        mean = moments.map { Float($0.mean / scale) }
        texture = moments.map { Float($0.deviation / scale) }
    }
}

/// Weighted sums of a cell's samples and of their squares.
private struct Moments {
    var weight: UInt64 = 0
    var sum: UInt64 = 0
    var squares: UInt64 = 0

    mutating func add(_ other: Self, times factor: UInt64) {
        weight &+= other.weight &* factor
        sum &+= other.sum &* factor
        squares &+= other.squares &* factor
    }

    var mean: Double { weight > 0 ? Double(sum) / Double(weight) : 0 }

    var deviation: Double {
        guard weight > 0 else { return 0 }
        // Not mean of squares minus square of the mean: that would lose digits on bright flat cells.
        let mean = sum / weight
        let rest = Double(sum - mean * weight) / Double(weight)
        let aboutMean = Double(squares &+ mean &* mean &* weight &- 2 &* mean &* sum) / Double(weight)
        return max(aboutMean - rest * rest, 0).squareRoot()
    }
}

/// How the samples of the quarter-size picture fall into the cells of one axis.
private struct QuarterAxis {
    let samples: Int
    let cells: Int
    /// For each cell: its samples, and the weights (overlap in 1/`cells` pixel) of the first and the last; between them
    /// all weigh 4 pixels.
    private let parts: [(range: Range<Int>, first: UInt64, last: UInt64)]
    private let whole: UInt64

    init?(pixels: Int, cells: Int) {
        guard pixels >= 4 else { return nil }
        let samples = pixels / 4
        self.samples = samples
        self.cells = cells
        whole = UInt64(4 * cells)
        let size = 4 * cells
        parts = (0..<cells).map { cell in
            let low = cell * pixels
            let high = min((cell + 1) * pixels, samples * size)
            guard low < high else { return (0..<0, 0, 0) }
            let range = low / size..<(high + size - 1) / size
            let first = min((range.lowerBound + 1) * size, high) - low
            let last = high - max((range.upperBound - 1) * size, low)
            return (range, UInt64(first), UInt64(last))
        }
    }

    /// The sums of one row of samples, cell by cell.
    func moments(of row: [UInt32]) -> [Moments] {
        row.withUnsafeBufferPointer { row in
            parts.map { part in
                var result = Moments()
                guard let first = part.range.first, let last = part.range.last else { return result }
                result.add(Moments(sample: row[first]), times: part.first)
                guard first < last else { return result }
                var inner = Moments(weight: UInt64(last - first - 1))
                for index in first + 1..<last {
                    let value = UInt64(row[index])
                    inner.sum &+= value
                    inner.squares &+= value &* value
                }
                result.add(inner, times: whole)
                result.add(Moments(sample: row[last]), times: part.last)
                return result
            }
        }
    }

    /// Adds a row's sums to the cell rows (`self` is the vertical axis) that the row lies in.
    func spread(_ columns: [Moments], ofSample sample: Int, over moments: inout [Moments]) {
        for (cell, part) in parts.enumerated() where part.range.contains(sample) {
            let weight =
                sample == part.range.lowerBound ? part.first : sample == part.range.upperBound - 1 ? part.last : whole
            for column in columns.indices {
                moments[cell * columns.count + column].add(columns[column], times: weight)
            }
        }
    }
}

extension Moments {
    fileprivate init(sample: UInt32) {
        self.init(weight: 1, sum: UInt64(sample), squares: UInt64(sample) * UInt64(sample))
    }
}

extension LumaView {
    /// The sums of 4 × 4 pixels along row `row` of the quarter-size picture.
    fileprivate func sumBlocks(row: Int, into sums: inout [UInt32]) {
        let top = base + row * 4 * bytesPerRow
        sums.withUnsafeMutableBufferPointer { sums in
            guard bitDepth <= 8 else { return sumWide(top, sums) }
            var index = 0
            // A word holds the four pixels of a row: two 16-bit lanes are summed at a time.
            while index + 8 <= sums.count {
                var lanes = SIMD8<UInt32>.zero
                for line in 0..<4 {
                    let words = (top + line * bytesPerRow).loadUnaligned(
                        fromByteOffset: index * 4, as: SIMD8<UInt32>.self)
                    lanes &+= (words & 0x00FF_00FF) &+ ((words &>> 8) & 0x00FF_00FF)
                }
                let blocks = (lanes & 0xFFFF) &+ (lanes &>> 16)
                UnsafeMutableRawBufferPointer(sums).storeBytes(
                    of: blocks, toByteOffset: index * 4, as: SIMD8<UInt32>.self)
                index += 8
            }
            while index < sums.count {
                sums[index] = sumBlock(top + index * 4, as: UInt8.self)
                index += 1
            }
        }
    }

    private func sumWide(_ top: UnsafeRawPointer, _ sums: UnsafeMutableBufferPointer<UInt32>) {
        for index in sums.indices { sums[index] = sumBlock(top + index * 8, as: UInt16.self) }
    }

    private func sumBlock<Sample: FixedWidthInteger & BitwiseCopyable>(
        _ block: UnsafeRawPointer, as type: Sample.Type
    ) -> UInt32 {
        var sum: UInt32 = 0
        for line in 0..<4 {
            for column in 0..<4 {
                let offset = line * bytesPerRow + column * MemoryLayout<Sample>.size
                sum &+= UInt32(Sample(littleEndian: block.loadUnaligned(fromByteOffset: offset, as: Sample.self)))
            }
        }
        return sum
    }
}
