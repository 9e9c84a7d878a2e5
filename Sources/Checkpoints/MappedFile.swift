internal import Glibc

/// A file mapped into memory, read-only; unmapped with the value. The file must not be cut while it is mapped: the kernel then ends the
/// process that reads it.
final class MappedFile: Sendable {
    let path: String
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    /// - Throws: `CheckpointError` of the kind `unreadable`.
    init(_ path: String) throws(CheckpointError) {
        func fail(_ reason: String) -> CheckpointError {
            CheckpointError(
                .unreadable, "\(path) cannot be read: \(reason). Name a checkpoint that this user may read.")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fail(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fail(String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw fail("it is no file") }
        self.path = path
        guard status.st_size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let address = mmap(nil, status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
        else {
            throw fail(String(cString: strerror(errno)))
        }
        bytes = UnsafeRawBufferPointer(start: address, count: status.st_size)
    }

    deinit {
        guard let start = bytes.baseAddress else { return }
        munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }

    /// Asks the kernel to read a part of the file ahead.
    func prefetch(_ range: Range<Int>) { advise(range, MADV_WILLNEED) }

    /// Takes the pages of a part out of this process's memory; they are read from the file, or its cache, where they are used again.
    func discard(_ range: Range<Int>) { advise(range, MADV_DONTNEED) }

    private func advise(_ range: Range<Int>, _ advice: Int32) {
        guard let start = bytes.baseAddress, !range.isEmpty else { return }
        let first = range.lowerBound & ~(Int(getpagesize()) - 1)
        madvise(UnsafeMutableRawPointer(mutating: start + first), range.upperBound - first, advice)
    }
}
