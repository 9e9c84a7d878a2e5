import Foundation
import Testing

/// A log on a file system without room.
@Suite struct FullDiskTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// A file system of a few megabytes in memory; gone with the value.
    private final class SmallDisk {
        let path: String
        private var filler: String { path + "/filler" }

        init(_ path: String) throws {
            self.path = path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            guard mount("none", path, "tmpfs", 0, "size=4m") == 0 else { throw POSIXError(.EPERM) }
        }

        deinit { _ = umount2(path, Int32(MNT_DETACH)) }

        /// Takes all the room there is.
        func fill() {
            let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            defer { close(descriptor) }
            for size in [65_536, 4_096, 512, 1] {
                let bytes = [UInt8](repeating: 0, count: size)
                while write(descriptor, bytes, size) == size {}
            }
        }

        func free() { unlink(filler) }
    }

    /// Tried, because containers forbid it to root too.
    private static let mayMount: Bool = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "videowire-mount-\(UUID().uuidString)").path
        guard mkdir(folder, 0o700) == 0 else { return false }
        defer { rmdir(folder) }
        guard mount("none", folder, "tmpfs", 0, "size=1m") == 0 else { return false }
        return umount(folder) == 0
    }()

    @Test(.enabled(if: mayMount, "needs to mount a small file system, as root"))
    func eventsWaitUntilThereIsRoom() async throws {
        let disk = try SmallDisk(scratch.path("disk"))
        let clip = try await scratch.makeClip("camera.mp4", seconds: 8, size: "160x96", Scratch.x264)
        let camera = try Program("videowire", ["testcam", clip, "--port", "0", "--speed", "20"])
        defer { camera.signal(SIGKILL) }
        #expect(await camera.wait { !$0.isEmpty })
        let daemon = try TestDaemon(
            scratch, streams: ["cam": try #require(camera.lines.first)], log: disk.path + "/log")
        try await daemon.untilServing()
        defer { daemon.program.signal(SIGKILL) }
        let watcher = try Program(
            "videowire", ["watch", "--socket", daemon.socket, "--json", "--from", "2000-01-01T00:00:00Z"])
        defer { watcher.signal(SIGKILL) }
        #expect(await watcher.wait { EventLine.all($0, named: "clip.tokens").count >= 3 })

        let row = try DocumentedError.named("The log's disk is full")
        disk.fill()
        #expect(await daemon.program.waitForErrors { row.isSaid(in: $0) }, "\(daemon.program.errors)")
        let memory = try DocumentedError.named("The memory's disk is full")
        #expect(await daemon.program.waitForErrors { memory.isSaid(in: $0) }, "\(daemon.program.errors)")
        let before = watcher.lines.count
        disk.free()
        #expect(await watcher.wait { $0.count > before + 20 })
        #expect(daemon.program.errors.contains("event log is written again"))
        #expect(await daemon.program.waitForErrors { $0.contains("memory is written again") })
        // What came meanwhile is remembered too.
        let told = EventLine.all(watcher.lines, named: "clip.tokens").count
        let slots = try await Program.run("videowire", ["memory", "cam", "--log", daemon.log]).lines
        let remembered = slots.compactMap { EventLine($0)?.object["clips"] as? Int }.reduce(0, +)
        #expect(remembered >= told)
        let numbers = watcher.lines.compactMap { EventLine($0)?.sequence }
        #expect(numbers == Array(1...numbers.count))

        // What cannot be written when the daemon has to end is lost, and that is told.
        disk.fill()
        let said = daemon.program.errors.count
        #expect(await daemon.program.waitForErrors { row.isSaid(in: String($0.dropFirst(said))) })
        daemon.program.signal(SIGTERM)
        try DocumentedError.expect("The daemon is stopped while the disk is full", await daemon.program.finish())
    }

    @Test(.enabled(if: mayMount, "needs to mount a small file system, as root"))
    func whereNothingWaitsNothingIsLost() async throws {
        let disk = try SmallDisk(scratch.path("disk"))
        let daemon = try TestDaemon(scratch, log: disk.path + "/log")
        try await daemon.untilServing()
        disk.fill()
        daemon.program.signal(SIGTERM)
        let end = await daemon.program.finish()
        #expect(end.status == 0 && !end.wasKilled, "\(end.errors)")
        let again = try TestDaemon(scratch, name: "again", log: disk.path + "/log")
        try DocumentedError.expect("A daemon is started while the disk is full", await again.program.finish())
    }
}
