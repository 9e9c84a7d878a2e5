internal import Capture
internal import Codec
internal import Events
internal import Foundation
internal import Glibc
internal import Logging
internal import Media
internal import Memory
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

        let captionServer = try await CaptionServer.open(for: settings, manager: manager, logger: logger)
        let log = try EventLog(path: settings.log.path, retention: settings.log.retention)
        // A daemon that is about to end, or `videowire forget`, may hold it for a moment.
        let memoryLock = try FileLock(
            path: MemoryStore.lockPath(besideLog: settings.log.path), patience: .seconds(5))
        let memories = try MemoryKeeper(besideLog: settings.log.path, logger: logger)
        let hub = EventHub(log: log, logger: logger)
        let streams = StreamSupervisor(
            hub: hub, tokenizers: tokenizers, memories: memories, captionServer: captionServer, logger: logger)
        let server = EventServer(
            hub: hub, settings: settings.socket.serverSettings(inherited: inherited), logger: logger,
            onServing: { socket in
                logger.notice("videowired \(videowireVersion) serves on \(socket); streams: \(plans.count)")
                manager.tell(.ready)
            },
            onQuestion: { question throws(QuestionRefused) in try streams.take(question) })
        streams.apply(plans)
        // Trapped before the manager hears that the daemon is ready.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let reloader = Reloader(
            path: path, settings: settings, hangups: hangups, manager: manager, log: log, server: server,
            streams: streams, logger: logger)
        let lifeSign = LifeSign(manager: manager, hub: hub, server: server, streams: streams, logger: logger)
        let janitor = KeyPictureJanitor(folder: KeyPictureFolder(log: settings.log.path))
        let erasures = MemoryErasureService(memories: memories, logger: logger)
        let services: [any Service] = [hub, server, streams, reloader, lifeSign, janitor, erasures]
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        // Whatever ends the services: what was remembered is written.
        defer {
            memories.close()
            memoryLock.unlock()
        }
        do {
            try await group.run()
        } catch {
            await captionServer?.close()
            throw error
        }
        await captionServer?.close()
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
            var plan = StreamPlan(
                name: stream.name, source: source, options: options, motion: stream.motion.way,
                captioner: stream.captions ? stream.captioner : nil, speech: speech, memory: stream.memory.limits,
                tokenizer: stream.tokenizer.choice, reusesStaticClips: reusesStaticClips ?? source.isLive,
                features: loaded?.features.map { FeatureFolder(path: $0) })
            plan.masks = stream.masks
            plan.description = stream.description
            plan.keyPictures = stream.keyPictures.map { KeyPictureFolder(log: log.path, limits: $0) }
            return plan
        }
    }
}

extension Settings.Log {
    var retention: EventLog.Retention {
        EventLog.Retention(maximumAge: .seconds(keepDays * 86_400), maximumBytes: keepMegabytes << 20)
    }
}

extension Settings.Stream.Memory {
    var limits: MemoryLimits {
        var limits = merge.limits
        limits.slots = slots ?? limits.slots
        limits.bytes = megabytes << 20
        return limits
    }
}

extension Settings.Stream.Memory.Merge {
    /// Its defaults.
    var limits: MemoryLimits {
        switch self {
        case .clip: MemoryLimits(merge: .clip)
        case .location: MemoryLimits(merge: .location)
        case .none: MemoryLimits(merge: .none, slots: MemoryLimits.newestSlots)
        }
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
