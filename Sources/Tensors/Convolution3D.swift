/// A 3 × 3 × 3 convolution over frames, rows and columns as a linear layer over gathered tokens (cross-correlation, zero padding).
///
/// Tokens are rows of a matrix in the order (frame, row, column), channels its columns.
public struct Convolution3D: Sendable {
    /// Extents or steps along frames, rows and columns.
    public struct Extent: Sendable, Hashable {
        public var frames: Int
        public var rows: Int
        public var columns: Int

        public init(_ frames: Int, _ rows: Int, _ columns: Int) {
            self.frames = frames
            self.rows = rows
            self.columns = columns
        }

        public var count: Int { frames * rows * columns }
    }

    public let layer: Linear
    public let input: Extent
    public let output: Extent
    /// For each output token the 27 input tokens under the kernel, −1 where it lies outside.
    private let gatherTable: AlignedMemory
    var gather: UnsafePointer<Int32> { UnsafePointer(gatherTable.base.assumingMemoryBound(to: Int32.self)) }

    /// Reads `name.weight`, [outputs, inputs, 3, 3, 3], and `name.bias`.
    ///
    /// - Parameters:
    ///   - paddingBefore: zeros in front of the first frame, above the first row, left of the first column.
    ///   - paddingAfter: zeros behind the last ones.
    ///   - upsampling: how often each input token is repeated along each axis before the convolution (nearest neighbour).
    public init(
        _ source: any ParameterSource, _ name: String, channels: Int, input: Extent, paddingBefore: Extent,
        paddingAfter: Extent, step: Extent = Extent(1, 1, 1), upsampling: Extent = Extent(1, 1, 1),
        precision: Precision
    ) {
        // The checkpoint's order is (channel, frame, row, column); tokens lie one after another, so ours is channel last.
        let order = (0..<27 * channels).map { index in (index % channels) * 27 + index / channels }
        layer = Linear(
            source, weight: name + ".weight", shape: [channels, channels, 3, 3, 3], inputs: 27 * channels,
            outputs: channels, bias: .parameter(source, name + ".bias", shape: [channels]), precision: precision,
            order: order)
        self.input = input
        func length(_ axis: KeyPath<Extent, Int>) -> Int {
            let padded =
                input[keyPath: axis] * upsampling[keyPath: axis] + paddingBefore[keyPath: axis]
                + paddingAfter[keyPath: axis]
            return (padded - 3) / step[keyPath: axis] + 1
        }
        output = Extent(length(\.frames), length(\.rows), length(\.columns))
        /// The input index under tap `tap` of output `position`, nil in the padding.
        func place(_ position: Int, _ tap: Int, _ axis: KeyPath<Extent, Int>) -> Int? {
            let padded = position * step[keyPath: axis] + tap - paddingBefore[keyPath: axis]
            guard padded >= 0, padded < input[keyPath: axis] * upsampling[keyPath: axis] else { return nil }
            return padded / upsampling[keyPath: axis]
        }
        var gather: [Int32] = []
        gather.reserveCapacity(output.count * 27)
        for frame in 0..<output.frames {
            for row in 0..<output.rows {
                for column in 0..<output.columns {
                    for tap in 0..<27 {
                        if let t = place(frame, tap / 9, \.frames), let h = place(row, tap / 3 % 3, \.rows),
                            let w = place(column, tap % 3, \.columns)
                        {
                            gather.append(Int32((t * input.rows + h) * input.columns + w))
                        } else {
                            gather.append(-1)
                        }
                    }
                }
            }
        }
        gatherTable = AlignedMemory(bytes: gather.count * MemoryLayout<Int32>.stride)
        gather.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: gatherTable.base, count: $0.count).copyMemory(from: $0)
        }
    }
}
