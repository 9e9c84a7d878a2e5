internal import Capture
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// The work of `videowire testcam`.
public enum CameraServer {
    /// Serves until SIGINT or SIGTERM.
    /// - Throws: `SourceError` for a file that cannot be served or a port that is taken.
    public static func run(file: String?, fromStart: Bool, port: UInt16, speed: Int) async throws {
        let media: TestCamera.Media = file.map { .file(path: $0, fromStart: fromStart) } ?? .testPicture
        let camera = try TestCamera(media: media, port: port, pace: speed == 1 ? .realTime : .times(Double(speed)))
        defer { camera.stop() }
        // On standard output, alone: scripts read it.
        var output = FileOutput()
        try output.write((camera.url + "\n").utf8)
        try output.flush()
        let group = ServiceGroup(
            configuration: .init(
                services: [Waiting()], gracefulShutdownSignals: [.sigint, .sigterm],
                logger: .toStandardError("videowire", level: .error)))
        try await group.run()
    }

    private struct Waiting: Service {
        func run() async throws { try await gracefulShutdown() }
    }
}
