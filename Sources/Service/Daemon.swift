internal import Capture
internal import Codec
internal import Events
internal import Foundation
internal import Glibc
internal import Logging
internal import Media
internal import ServiceLifecycle
internal import Systemd
internal import UnixSignals

/// The work of `videowire daemon`.
public enum Daemon {
    /// Runs until SIGTERM or SIGINT; SIGHUP reads the configuration anew.
    /// - Throws: `SettingsError`, and what the log or the socket meet.
    public static func run(configuration path: String) async throws {
        let manager = ServiceManager()
        let inherited = try ServiceManager.takeListeningSocket()
        let settings = try Settings(path: path, environment: LaunchSecrets.environment)
        let plans = try settings.plans(loaded: settings.tokenizer)
        let logger = Logger.toStandardError("videowired", level: settings.logLevel.level)
        if let warning = settings.warning { logger.warning("\(warning)") }
        raiseDescriptorLimit()
        let tokenizers = try await Tokenizers.load(settings.tokenizer) { step in
            manager.tell(.status(step))
            logger.notice("\(step)")
        }

        let log = try EventLog(path: settings.log.path, retention: settings.log.retention)
        let hub = EventHub(log: log, logger: logger)
        let server = EventServer(
            hub: hub, settings: settings.socket.serverSettings(inherited: inherited), logger: logger
        ) { socket in
            logger.notice("videowired \(videowireVersion) serves on \(socket); streams: \(plans.count)")
            manager.tell(.ready)
        }
        let streams = StreamSupervisor(hub: hub, tokenizers: tokenizers, logger: logger)
        streams.apply(plans)
        // Trapped before the manager hears that the daemon is ready.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let reloader = Reloader(
            path: path, settings: settings, hangups: hangups, manager: manager, log: log, server: server,
            streams: streams, logger: logger)
        let lifeSign = LifeSign(manager: manager, hub: hub, server: server, streams: streams, logger: logger)
        let services: [any Service] = [hub, server, streams, reloader, lifeSign]
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

extension Settings {
    /// What to run. Every source is understood, and its credentials are read, before any is opened.
    ///
    /// - Parameter loaded: the settings of the model that the process has.
    /// - Throws: `SettingsError`.
    func plans(loaded: TokenizerSettings?) throws -> [StreamPlan] {
        try streams.map { stream in
            guard stream.tokenizer == .scalar || loaded != nil else {
                throw SettingsError(
                    "\(file): streams.\(stream.name): no model is loaded; start the daemon anew for its tokenizer")
            }
            var options = CaptureOptions()
            options.transport = stream.transport == .tcp ? .tcp : .udp
            options.pipelineDirectory = pipelines
            options.stallTimeout = stream.stallSeconds.map { .seconds($0) }
            let source = try location(of: stream)
            return StreamPlan(
                name: stream.name, source: source, options: options, motion: stream.motion.way,
                captions: stream.captions,
                tokenizer: stream.tokenizer.choice, reusesStaticClips: reusesStaticClips ?? source.isLive,
                features: loaded?.features.map { FeatureFolder(path: $0) })
        }
    }
}

extension Settings.Log {
    var retention: EventLog.Retention {
        EventLog.Retention(maximumAge: .seconds(keepDays * 86_400), maximumBytes: keepMegabytes << 20)
    }
}

extension Settings.Socket {
    fileprivate func serverSettings(inherited: CInt?) -> EventServer.Settings {
        var server = EventServer.Settings(path: path, version: "videowire \(videowireVersion)")
        server.inherited = inherited
        server.group = group
        server.allowedUsers = allowedUserIDs
        server.allowedGroups = allowedGroupIDs
        server.heartbeat = heartbeat
        return server
    }

    var allowedUserIDs: Set<UInt32> { Set(allowedUsers.map { UInt32($0) }) }
    var allowedGroupIDs: Set<UInt32> { Set(allowedGroups.map { UInt32($0) }) }
    var heartbeat: Duration { .seconds(heartbeatSeconds) }
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

extension Settings.Stream.Tokenizer {
    fileprivate var choice: TokenizerChoice {
        switch self {
        case .scalar: .scalar
        case .videoLaVIT: .videoLaVIT
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
