internal import Media

/// Finds out which picture each vector points to, where a P-picture had a choice of references.
///
/// Decoders do not export it, but the block was predicted from that picture: it is the one that looks like the block at the place
/// which the vector names. A few samples of luma decide, and where they decide nothing (flat or still content, blocks that
/// come from outside the picture) the first reference stands, which does little harm: there vectors are few or tiny.
struct ReferenceFinder {
    /// Samples in a row of them, and rows.
    private static let samples = 8
    private static let rows = 2
    /// Levels at 8 bits a sample up to which the first reference is good enough, and by which another has to look better.
    private static let goodEnough = 2
    private static let margin = 1

    let picture: LumaView
    /// The most likely one first; all of the picture's size.
    let references: [LumaView]

    /// The vectors to the past, by the reference they point to.
    func split(_ vectors: UnsafeBufferPointer<MotionVector>) -> [[MotionVector]] {
        guard !references.isEmpty else { return [] }
        var result: [[MotionVector]] = Array(repeating: [], count: references.count)
        result[0].reserveCapacity(vectors.count)
        references.withUnsafeBufferPointer { references in
            for vector in vectors where vector.source < 0 {
                // A quarter pixel is too little to tell by, and to matter.
                let isStill = max(vector.motionX.magnitude, vector.motionY.magnitude) <= 1
                result[isStill ? 0 : find(vector, references)].append(vector)
            }
        }
        return result
    }

    private func find(_ vector: MotionVector, _ references: UnsafeBufferPointer<LumaView>) -> Int {
        guard let match = BlockMatch(vector, samples: Self.samples, rows: Self.rows, in: picture) else { return 0 }
        let count = Self.samples * Self.rows
        var best = 0
        var least = match.difference(picture, references[0])
        guard least > Self.goodEnough * count else { return 0 }
        least -= Self.margin * count
        for index in references.indices.dropFirst() {
            let difference = match.difference(picture, references[index])
            if difference < least { (best, least) = (index, difference) }
        }
        return best
    }
}

/// Where samples of a block and of the place it was predicted from lie, to the nearest whole pixel: what positions between
/// pixels change is small against a wrong reference, and the same for all.
private struct BlockMatch {
    private let x: Int
    private let y: Int
    /// Distance of the rows.
    private let step: Int
    private let rows: Int
    private let motionX: Int
    private let motionY: Int

    /// Nil where too little of the block and of that place lies in the picture.
    init?(_ vector: MotionVector, samples: Int, rows: Int, in picture: LumaView) {
        let scale = Int(max(vector.motionScale, 1))
        motionX = Self.rounded(Int(vector.motionX), scale)
        motionY = Self.rounded(Int(vector.motionY), scale)
        step = Int(vector.height) / rows
        self.rows = rows
        guard
            let x = Self.place(vector.destinationX, vector.width, samples, motion: motionX, length: picture.width),
            let y = Self.place(
                vector.destinationY, vector.height, step * (rows - 1) + 1, motion: motionY, length: picture.height)
        else { return nil }
        (self.x, self.y) = (x, y)
    }

    private static func rounded(_ motion: Int, _ scale: Int) -> Int {
        let doubled = 2 * motion + scale
        return doubled >= 0 ? doubled / (2 * scale) : -((2 * scale - 1 - doubled) / (2 * scale))
    }

    /// Where on an axis `extent` pixels lie inside the block, and moved inside the picture: as central as can be.
    private static func place(_ centre: Int16, _ size: UInt8, _ extent: Int, motion: Int, length: Int) -> Int? {
        let start = Int(centre) - Int(size) / 2
        let low = max(start, 0, -motion)
        let high = min(start + Int(size) - extent, length - extent, length - extent - motion)
        return low <= high ? min(max(Int(centre) - extent / 2, low), high) : nil
    }

    /// The sum of absolute differences of the samples, in levels at 8 bits.
    @inline(__always)
    func difference(_ picture: LumaView, _ reference: LumaView) -> Int {
        var sums = SIMD8<UInt16>.zero
        for row in 0..<rows {
            let line = y &+ row &* step
            let here = picture.samples(x, line)
            let there = reference.samples(x &+ motionX, line &+ motionY)
            let difference = pointwiseMax(here, there) &- pointwiseMin(here, there)
            sums &+= SIMD8<UInt16>(truncatingIfNeeded: difference)
        }
        return Int(sums.wrappedSum())
    }
}

extension LumaView {
    /// Eight samples from a place on, at 8 bits.
    @inline(__always)
    fileprivate func samples(_ x: Int, _ y: Int) -> SIMD8<UInt8> {
        let line = base + y &* bytesPerRow
        if bitDepth == 8 { return line.loadUnaligned(fromByteOffset: x, as: SIMD8<UInt8>.self) }
        let wide = line.loadUnaligned(fromByteOffset: 2 &* x, as: SIMD8<UInt16>.self)
        return SIMD8(truncatingIfNeeded: wide &>> UInt16(bitDepth &- 8))
    }
}
