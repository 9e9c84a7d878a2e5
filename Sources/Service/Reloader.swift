internal import Events
internal import Logging
internal import ServiceLifecycle
internal import Synchronization
internal import Systemd
internal import UnixSignals

/// Reads the configuration anew on SIGHUP. Consumers stay connected, and streams that have not changed go on.
final class Reloader: Service {
    private let path: String
    private let settings: Mutex<Settings>
    /// Those of the model that the process has loaded.
    private let loaded: TokenizerSettings?
    private let hangups: UnixSignalsSequence
    private let manager: ServiceManager
    private let log: EventLog
    private let server: EventServer
    private let streams: StreamSupervisor
    private let logger: Logger

    /// - Parameters:
    ///   - settings: those that are in force.
    ///   - hangups: SIGHUP.
    init(
        path: String, settings: Settings, hangups: UnixSignalsSequence, manager: ServiceManager, log: EventLog,
        server: EventServer, streams: StreamSupervisor, logger: Logger
    ) {
        self.path = path
        loaded = settings.tokenizer
        self.settings = Mutex(settings)
        self.hangups = hangups
        self.manager = manager
        self.log = log
        self.server = server
        self.streams = streams
        self.logger = logger
    }

    func run() async throws {
        for await _ in hangups.cancelOnGracefulShutdown() {
            manager.tell(.reloading)
            reload()
            manager.tell(.ready)
        }
    }

    private func reload() {
        do {
            let new = try Settings(path: path, environment: LaunchSecrets.environment)
            let plans = try new.plans(loaded: loaded)
            let old = settings.withLock { settings in
                defer { settings = new }
                return settings
            }
            if let warning = new.warning { logger.warning("\(warning)") }
            log.retention = new.log.retention
            server.update(
                allowedUsers: new.socket.allowedUserIDs, allowedGroups: new.socket.allowedGroupIDs,
                heartbeat: new.socket.heartbeat)
            streams.apply(plans)
            logger.notice("\(path) is read anew; streams: \(plans.count)")
            let waiting = needingRestart(from: old, to: new)
            if !waiting.isEmpty {
                logger.warning("these take effect when the daemon is started anew: \(waiting.joined(separator: ", "))")
            }
        } catch {
            logger.error("the configuration stays as it was: \(error)")
        }
    }

    private func needingRestart(from old: Settings, to new: Settings) -> [String] {
        let changes = [
            ("socket.path", old.socket.path != new.socket.path), ("socket.group", old.socket.group != new.socket.group),
            ("log.path", old.log.path != new.log.path), ("log_level", old.logLevel != new.logLevel),
            ("tokenizer", loaded != new.tokenizer), ("captioner", old.captioner != new.captioner),
        ]
        return changes.filter(\.1).map(\.0)
    }
}
