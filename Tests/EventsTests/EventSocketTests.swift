import Events
import Foundation
import Glibc
import Testing

/// The socket as a file: who owns it, who may connect, what is there before and after.
@Suite struct EventSocketTests {
    private func serve(_ path: String) async throws {
        try await withWire(settings: { $0.path = path }) { _ in }
    }

    @Test func aDeadServersSocketIsReplaced() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("stale")
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isBound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        close(descriptor)
        #expect(isBound && FileManager.default.fileExists(atPath: path))
        let error = await #expect(throws: EventSocketError.self) {
            try await EventClient(path: path).withConnection { _ in }
        }
        #expect(error?.description.contains("nobody listens") == true)
        try await withWire(settings: { $0.path = path }) { wire in
            try await eventually {
                (try? await wire.client.withConnection { $0.hello["protocol"]?.integer == 1 }) == true
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aLivingServersSocketIsLeftAlone() async throws {
        try await withWire { wire in
            let error = await #expect(throws: EventSocketError.self) { try await serve(wire.path) }
            #expect(error?.description.contains(wire.path) == true)
            #expect(error?.description.contains("another server listens") == true)
            try await wire.client.withConnection { #expect($0.hello["protocol"]?.integer == 1) }
        }
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() async throws {
        let folder = try TemporaryFolder()
        try Data("text".utf8).write(to: URL(fileURLWithPath: folder.file("s")))
        let error = await #expect(throws: EventSocketError.self) { try await serve(folder.file("s")) }
        #expect(error?.description.contains("no socket is there") == true)
        #expect(FileManager.default.contents(atPath: folder.file("s")) == Data("text".utf8))
    }

    @Test(arguments: [
        ("/nowhere/at/all", "folder must exist"), (String(repeating: "x", count: 108), "1 to 107 bytes"),
    ])
    func impossiblePathsAreExplained(path: String, expected: String) async throws {
        let error = await #expect(throws: EventSocketError.self) { try await serve(path) }
        #expect(error?.description.contains(expected) == true)
    }

    @Test func modeAndGroup() async throws {
        // A group that this user can give the file to: its own.
        let group = try #require(getgrgid(getgid()).map { String(cString: $0.pointee.gr_name) })
        for mode: UInt32 in [0o660, 0o600, 0o666] {
            try await withWire(
                settings: {
                    $0.mode = mode
                    $0.group = group
                }
            ) { wire in
                let attributes = try FileManager.default.attributesOfItem(atPath: wire.path)
                #expect((attributes[.posixPermissions] as? NSNumber)?.uint32Value == mode)
                #expect(attributes[.groupOwnerAccountName] as? String == group)
            }
        }
        let error = await #expect(throws: EventSocketError.self) {
            try await withWire(settings: { $0.group = "no-such-group" }) { _ in }
        }
        #expect(error?.description.contains("no group no-such-group") == true)
    }

    @Test func theAllowListRefuses() async throws {
        let (user, group) = (getuid(), getgid())
        try await withWire(settings: { $0.allowedUsers = [user + 1] }) { wire in
            let error = await #expect(throws: EventSocketError.self) { try await wire.client.withConnection { _ in } }
            #expect(error?.description.contains("not on the server's list") == true)
        }
        try await withWire(
            settings: {
                $0.allowedUsers = [user + 1]
                $0.allowedGroups = [group]
            }
        ) { wire in
            try await wire.client.withConnection { #expect($0.hello["protocol"]?.integer == 1) }
        }
    }

    @Test func aMissingSocketIsExplained() async throws {
        let error = await #expect(throws: EventSocketError.self) {
            try await EventClient(path: "/nowhere/events.sock").withConnection { _ in }
        }
        #expect(error?.description.contains("/nowhere/events.sock: no such socket; start videowired") == true)
    }

    /// A server that is killed before it has read what was sent to it: the kernel resets the connection.
    @Test func aConnectionThatBreaksOffIsAnErrorOfTheSocket() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s")
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try withUnsafePointer(to: address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try #require(bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0)
            }
        }
        try #require(listen(listener, 1) == 0)
        Thread.detachNewThread {
            let server = accept(listener, nil, nil)
            let hello = #"{"type":"io.videowire.hello.v1","data":{}}"# + "\n"
            _ = hello.withCString { send(server, $0, strlen($0), 0) }
            var request = pollfd(fd: server, events: Int16(POLLIN), revents: 0)
            poll(&request, 1, 10_000)
            close(server)
        }
        let error = await #expect(throws: EventSocketError.self) {
            try await EventClient(path: path).withConnection { connection in
                try await connection.subscribe(SubscribeRequest())
                _ = try await connection.next()
            }
        }
        #expect(error?.description.contains("broke off") == true)
    }
}
