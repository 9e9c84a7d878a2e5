/// The key-frame ids: an 8 × 8 cosine transform of each block, its lowest coefficients quantised and packed.
enum ThumbnailCode {
    static let vocabulary = 4096
    static let blockRows = 10
    static let blockColumns = 18
    private static let chromaRows = 5
    static let chromaColumns = 9

    /// Three ids a luma block, then one a block of Cb, then of Cr.
    static let idCount = blockRows * blockColumns * luma.count + 2 * chromaRows * chromaColumns * chroma.count

    /// A quantised coefficient: vertical and horizontal frequency, and the values of its levels.
    struct Coefficient {
        var row: Int
        var column: Int
        var table: LevelTable

        init(_ row: Int, _ column: Int, _ magnitudes: [Int]) {
            self.row = row
            self.column = column
            table = LevelTable(magnitudes)
        }
    }

    /// One row an id; the first coefficient is the most significant digit.
    static let luma: [[Coefficient]] = [
        [
            Coefficient(0, 0, (0...22).map { 46 * $0 }),
            Coefficient(0, 1, [0, 32, 76, 136, 218, 330, 480]),
            Coefficient(1, 2, [0, 25, 65, 130]),
        ],
        [
            Coefficient(1, 0, [0, 32, 76, 136, 218, 330, 480]),
            Coefficient(2, 1, [0, 21, 55, 110]),
            Coefficient(0, 2, [0, 30, 79, 156, 280]),
            Coefficient(3, 0, [0, 69, 180]),
        ],
        [
            Coefficient(1, 1, [0, 19, 51, 100, 180]),
            Coefficient(2, 0, [0, 28, 73, 145, 260]),
            Coefficient(0, 3, [0, 29, 75, 150]),
            Coefficient(2, 2, [0, 19, 50, 100]),
        ],
    ]

    static let chroma: [[Coefficient]] = [
        [
            Coefficient(0, 0, (0...24).map { 8 * $0 + 3 * $0 * $0 / 2 }),
            Coefficient(0, 1, [0, 13, 34, 67, 120]),
            Coefficient(1, 0, [0, 16, 42, 84, 150]),
        ]
    ]

    static func encode(_ planes: ThumbnailPlanes) -> [Int] {
        encode(planes.y, columns: blockColumns, luma) + encode(planes.cb, columns: chromaColumns, chroma)
            + encode(planes.cr, columns: chromaColumns, chroma)
    }

    static func decode(_ ids: [Int]) throws(TokenError) -> ThumbnailPlanes {
        guard ids.count == idCount else { throw .keyCount(ids.count, expected: idCount) }
        let planes = planes(of: ids)
        return ThumbnailPlanes(
            y: try decode(planes.y, columns: blockColumns, luma),
            cb: try decode(planes.cb, columns: chromaColumns, chroma),
            cr: try decode(planes.cr, columns: chromaColumns, chroma))
    }

    /// The ids of each plane.
    static func planes(of ids: [Int]) -> (y: ArraySlice<Int>, cb: ArraySlice<Int>, cr: ArraySlice<Int>) {
        let lumaIDs = blockRows * blockColumns * luma.count
        let chromaIDs = chromaRows * chromaColumns * chroma.count
        return (ids[..<lumaIDs], ids[lumaIDs..<lumaIDs + chromaIDs], ids[(lumaIDs + chromaIDs)...])
    }

    private static func encode(_ plane: [Int], columns: Int, _ layout: [[Coefficient]]) -> [Int] {
        let blocks = plane.count / 64
        var ids: [Int] = []
        ids.reserveCapacity(blocks * layout.count)
        for block in 0..<blocks {
            let spectrum = BlockTransform.forward(samples(of: plane, block: block, columns: columns))
            for coefficients in layout {
                ids.append(
                    coefficients.reduce(0) { id, coefficient in
                        let value = Double(spectrum[coefficient.row * 8 + coefficient.column])
                        let table = coefficient.table
                        return id * table.count + table.level(of: value) + table.limit
                    })
            }
        }
        return ids
    }

    private static func decode(
        _ ids: ArraySlice<Int>, columns: Int, _ layout: [[Coefficient]]
    ) throws(TokenError) -> [Int] {
        let blocks = ids.count / layout.count
        var plane = [Int](repeating: 0, count: blocks * 64)
        for block in 0..<blocks {
            let samples = BlockTransform.inverse(try spectrum(ids, block: block, layout))
            for y in 0..<8 {
                for x in 0..<8 {
                    let target = origin(of: block, columns: columns) + y * columns * 8 + x
                    plane[target] = min(max(samples[y * 8 + x] + 128, 0), 255)
                }
            }
        }
        return plane
    }

    /// A block's 64 coefficients, row by row.
    static func spectrum(
        _ ids: ArraySlice<Int>, block: Int, _ layout: [[Coefficient]]
    ) throws(TokenError) -> [Int] {
        var spectrum = [Int](repeating: 0, count: 64)
        for (index, coefficients) in layout.enumerated() {
            try unpack(ids, at: ids.startIndex + block * layout.count + index, coefficients, into: &spectrum)
        }
        return spectrum
    }

    private static func unpack(
        _ ids: ArraySlice<Int>, at position: Int, _ coefficients: [Coefficient], into spectrum: inout [Int]
    ) throws(TokenError) {
        let limit = coefficients.reduce(1) { $0 * $1.table.count }
        var rest = ids[position]
        guard (0..<limit).contains(rest) else {
            throw .keyOutOfRange(position: position, value: rest, limit: limit)
        }
        for coefficient in coefficients.reversed() {
            let table = coefficient.table
            spectrum[coefficient.row * 8 + coefficient.column] = table.value(rest % table.count - table.limit)
            rest /= table.count
        }
    }

    private static func samples(of plane: [Int], block: Int, columns: Int) -> [Int] {
        let origin = origin(of: block, columns: columns)
        return (0..<64).map { plane[origin + $0 / 8 * columns * 8 + $0 % 8] - 128 }
    }

    /// Index of a block's first sample in its plane.
    private static func origin(of block: Int, columns: Int) -> Int {
        block / columns * columns * 64 + block % columns * 8
    }
}

/// The orthonormal 8 × 8 cosine transform (DCT-II) in integers: exact, so that every machine gives the same ids.
enum BlockTransform {
    /// round(4096 · ½ · c · cos((2n + 1) k π / 16)), c = 1/√2 for k = 0 and 1 else; row k, column n.
    private static let basis: [Int] = [
        1448, 1448, 1448, 1448, 1448, 1448, 1448, 1448,
        2009, 1703, 1138, 400, -400, -1138, -1703, -2009,
        1892, 784, -784, -1892, -1892, -784, 784, 1892,
        1703, -400, -2009, -1138, 1138, 2009, 400, -1703,
        1448, -1448, -1448, 1448, 1448, -1448, -1448, 1448,
        1138, -2009, 400, 1703, -1703, -400, 2009, -1138,
        784, -1892, 1892, -784, -784, 1892, -1892, 784,
        400, -1138, 1703, -2009, 2009, -1703, 1138, -400,
    ]

    static func forward(_ samples: [Int]) -> [Int] {
        apply(to: samples) { basis[$0 * 8 + $1] }
    }

    static func inverse(_ spectrum: [Int]) -> [Int] {
        apply(to: spectrum) { basis[$1 * 8 + $0] }
    }

    /// M · block · Mᵀ, rounded to the nearest integer.
    private static func apply(to block: [Int], _ m: (Int, Int) -> Int) -> [Int] {
        var half = [Int](repeating: 0, count: 64)
        var result = half
        for i in 0..<8 {
            for x in 0..<8 {
                var sum = 0
                for y in 0..<8 { sum += m(i, y) * block[y * 8 + x] }
                half[i * 8 + x] = sum
            }
        }
        for i in 0..<8 {
            for j in 0..<8 {
                var sum = 1 << 23
                for x in 0..<8 { sum += half[i * 8 + x] * m(j, x) }
                result[i * 8 + j] = sum >> 24
            }
        }
        return result
    }
}
