internal import Capture
internal import Codec
internal import Events
internal import Foundation
internal import Glibc
internal import Logging
internal import ServiceLifecycle
internal import Tokenization
internal import UnixSignals

/// The work of `videowired`.
public enum Daemon {
    /// Runs until SIGTERM or SIGINT.
    /// - Throws: `SettingsError`, and what the log or the socket meet.
    public static func run(configuration path: String) async throws {
        let settings = try Settings(path: path, environment: ProcessInfo.processInfo.environment)
        let logger = Logger.toStandardError("videowired", level: settings.logLevel.level)
        raiseDescriptorLimit()

        // Every source is understood before anything is opened.
        let sources = try settings.streams.map { ($0, try SourceLocation(parsing: $0.source)) }
        let log = try EventLog(
            path: settings.log.path,
            retention: .init(
                maximumAge: .seconds(settings.log.keepDays * 86_400), maximumBytes: settings.log.keepMegabytes << 20))
        let hub = EventHub(log: log, logger: logger)
        let server = EventServer(hub: hub, settings: settings.socket.serverSettings, logger: logger)
        let tokenizer = ScalarTokenizer()
        var services: [any Service] = [hub, server]
        for (stream, source) in sources {
            hub.describe(stream: stream.name, tokenizer: tokenizer.description)
            let service = StreamService(
                name: stream.name, source: source, options: settings.captureOptions(of: stream),
                motion: stream.motion.way, captions: stream.captions,
                lastSession: try log.lastSession(stream: stream.name) ?? 0,
                tokenizer: tokenizer, publish: { hub.publish($0) })
            services.append(IsolatedStream(service: service, name: stream.name, logger: logger))
        }
        logger.notice("videowired \(videowireVersion) serves \(sources.count) streams on \(settings.socket.path)")
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        try await group.run()
    }

    /// To what the system allows. Each camera and each consumer takes some, and GLib aborts the process where none is left.
    private static func raiseDescriptorLimit() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}

/// A stream among others: its failure is logged and ends it alone, and its end (a file's) ends nothing else.
private struct IsolatedStream: Service {
    let service: StreamService
    let name: String
    let logger: Logger

    func run() async throws {
        do {
            try await service.run()
        } catch {
            logger.error("stream \(name): \(error)")
        }
        try? await gracefulShutdown()
    }
}

extension Settings {
    /// - Throws: `SettingsError`.
    init(path: String, environment: [String: String]) throws {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw SettingsError("\(path): \(error.localizedDescription)")
        }
        try self.init(yaml: text, file: path, environment: environment)
    }

    func captureOptions(of stream: Stream) -> CaptureOptions {
        var options = CaptureOptions()
        options.transport = stream.transport == .tcp ? .tcp : .udp
        options.pipelineDirectory = pipelines
        options.stallTimeout = stream.stallSeconds.map { .seconds($0) }
        return options
    }
}

extension Settings.Socket {
    fileprivate var serverSettings: EventServer.Settings {
        var server = EventServer.Settings(path: path, version: "videowire \(videowireVersion)")
        server.group = group
        server.allowedUsers = Set(allowedUsers.map { UInt32($0) })
        server.allowedGroups = Set(allowedGroups.map { UInt32($0) })
        server.heartbeat = .seconds(heartbeatSeconds)
        return server
    }
}

extension Settings.Stream.Motion {
    /// Nil: the stream's format decides.
    var way: MotionWay? {
        switch self {
        case .auto: nil
        case .codec: .codec
        case .reencode: .reencode
        }
    }
}

extension Settings.LogLevel {
    fileprivate var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
