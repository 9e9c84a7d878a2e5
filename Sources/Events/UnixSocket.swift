internal import Glibc

/// Why the events socket cannot be served or reached. Its description says where and what to do.
public struct EventSocketError: Error, Sendable, Hashable, CustomStringConvertible {
    public let path: String
    public let message: String

    public var description: String { "events socket \(path): \(message)" }
}

/// A listening Unix socket in the file system.
struct UnixSocket: Sendable {
    let path: String
    let descriptor: CInt
    /// Device and inode of the file made here; nil where somebody else has made it and keeps it.
    private let file: (device: UInt, inode: UInt)?

    /// Takes over a socket that listens already.
    ///
    /// - Throws: `EventSocketError` where the descriptor is no socket with a path.
    init(inherited descriptor: CInt) throws {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        path = withUnsafeBytes(of: &address.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        guard isNamed, fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0 else {
            throw EventSocketError(path: "descriptor \(descriptor)", message: Self.systemError)
        }
        self.descriptor = descriptor
        file = nil
    }

    /// Takes the place of a socket that no server listens on any more.
    ///
    /// - Parameters:
    ///   - mode: permission bits of the file.
    ///   - group: name of the group the file is given to; nil leaves the process's.
    /// - Throws: `EventSocketError`.
    init(listeningAt path: String, mode: UInt32, group: String?) throws {
        self.path = path
        let address = try Self.address(path)
        try Self.removeStale(path, address)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        self.descriptor = descriptor
        guard descriptor >= 0 else { throw EventSocketError(path: path, message: Self.systemError) }
        do {
            guard Self.withPointer(to: address, { bind(descriptor, $0, $1) }) == 0 else {
                throw EventSocketError(
                    path: path, message: "\(Self.systemError); its folder must exist and be writable for this user")
            }
            // Before listen, so that nobody connects under other permissions.
            try Self.own(path, mode: mode, group: group)
            guard listen(descriptor, 128) == 0 else { throw EventSocketError(path: path, message: Self.systemError) }
            var status = stat()
            lstat(path, &status)
            file = (UInt(status.st_dev), UInt(status.st_ino))
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Removes the file made here, unless another server has put its own there.
    func unlink() {
        var status = stat()
        guard let file, lstat(path, &status) == 0,
            UInt(status.st_dev) == file.device, UInt(status.st_ino) == file.inode
        else { return }
        Glibc.unlink(path)
    }

    private static var systemError: String { String(cString: strerror(errno)) }

    private static func removeStale(_ path: String, _ address: sockaddr_un) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw EventSocketError(path: path, message: "a file that is no socket is there; choose another path")
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        defer { close(probe) }
        let isAlive = withPointer(to: address) { connect(probe, $0, $1) } == 0 || errno != ECONNREFUSED
        guard !isAlive else {
            throw EventSocketError(
                path: path, message: "another server listens on it; stop that one or choose another path")
        }
        guard Glibc.unlink(path) == 0 else {
            throw EventSocketError(path: path, message: "a dead server's socket cannot be removed: \(systemError)")
        }
    }

    private static func own(_ path: String, mode: UInt32, group: String?) throws {
        guard chmod(path, mode) == 0 else { throw EventSocketError(path: path, message: systemError) }
        guard let group else { return }
        guard let entry = getgrnam(group) else {
            throw EventSocketError(path: path, message: "there is no group \(group); create it or set another")
        }
        guard chown(path, uid_t.max, entry.pointee.gr_gid) == 0 else {
            throw EventSocketError(
                path: path, message: "cannot be given to group \(group): \(systemError); this user must be a member")
        }
    }

    private static func address(_ path: String) throws -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard !path.isEmpty, path.utf8.count <= room else {
            throw EventSocketError(path: path, message: "the path must have 1 to \(room) bytes")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return address
    }

    private static func withPointer<Result>(
        to address: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
