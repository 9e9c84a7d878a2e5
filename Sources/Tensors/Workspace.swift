internal import Glibc

/// Memory for what a computation holds on the way, given out and taken back like a stack.
///
/// It grows in slabs when more is asked for than ever before and keeps them, so nothing is allocated once every size has been seen.
/// One thread at a time uses it.
public final class Workspace {
    private var slabs: [AlignedMemory] = []
    /// Where the next piece lies.
    private var slab = 0
    private var offset = 0
    private static let slabSize = 32 << 20

    public init() {}

    /// Bytes that it holds.
    public var capacity: Int { slabs.reduce(0) { $0 + $1.count } }

    /// Runs `body`; what it took is free again afterwards.
    public func scope<Result>(_ body: () throws -> Result) rethrows -> Result {
        let mark = (slab, offset)
        defer { (slab, offset) = mark }
        return try body()
    }

    /// A matrix of undefined content, valid to the end of the scope.
    public func matrix(rows: Int, columns: Int) -> Matrix {
        let base = bytes(rows * columns * MemoryLayout<Float>.stride)
        return Matrix(base: base.assumingMemoryBound(to: Float.self), rows: rows, columns: columns)
    }

    /// Memory of undefined content, aligned to 64 bytes, valid to the end of the scope.
    func bytes(_ count: Int) -> UnsafeMutableRawPointer {
        let size = (count + 63) / 64 * 64
        while slab < slabs.count, offset + size > slabs[slab].count {
            slab += 1
            offset = 0
        }
        if slab == slabs.count { slabs.append(AlignedMemory(bytes: max(size, Self.slabSize))) }
        defer { offset += size }
        return slabs[slab].base + offset
    }
}
