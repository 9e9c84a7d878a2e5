internal import Glibc

/// Memory of its own, aligned to cache lines; large pieces lie in huge pages where the system has them.
///
/// Whoever writes it does so before it is shared: afterwards it is only read.
final class AlignedMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let count: Int

    /// Zeroed memory.
    init(bytes count: Int) {
        self.count = count
        guard count >= Self.hugePage else {
            var pointer: UnsafeMutableRawPointer?
            posix_memalign(&pointer, 64, max(count, 64))
            base = Self.check(pointer, count)
            memset(base, 0, count)
            return
        }
        // Fresh pages are zero, and get memory when they are first written.
        let pages = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        base = Self.check(pages == MAP_FAILED ? nil : pages, count)
        madvise(base, count, Int32(MADV_HUGEPAGE))
    }

    convenience init(floats count: Int) { self.init(bytes: count * MemoryLayout<Float>.stride) }

    deinit {
        if count >= Self.hugePage { munmap(base, count) } else { free(base) }
    }

    private static let hugePage = 2 << 20

    private static func check(_ pointer: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutableRawPointer {
        guard let pointer else { preconditionFailure("the system has no \(count) bytes of memory left") }
        return pointer
    }

    var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
