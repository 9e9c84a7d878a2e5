internal import Capture
internal import Events
internal import Logging
internal import Media
internal import ServiceLifecycle
internal import Synchronization
internal import Systemd

/// Tells the service manager how the daemon is: its status line, and that it is alive as long as `WatchdogStateMachine` says so.
final class LifeSign: Service {
    private let manager: ServiceManager
    private let hub: EventHub
    private let server: EventServer
    private let streams: StreamSupervisor
    private let logger: Logger
    private let loops: [String: @Sendable (@escaping @Sendable () -> Void) -> Void]
    private let machine: Mutex<WatchdogStateMachine>

    init(manager: ServiceManager, hub: EventHub, server: EventServer, streams: StreamSupervisor, logger: Logger) {
        self.manager = manager
        self.hub = hub
        self.server = server
        self.streams = streams
        self.logger = logger
        loops = [
            "supervisor": { streams.probe($0) }, "log writer": { hub.probe($0) }, "socket loop": { server.probe($0) },
        ]
        machine = Mutex(WatchdogStateMachine(loops: loops.keys.sorted()))
    }

    /// Runs until shut down.
    func run() async throws {
        guard manager.isPresent else {
            try? await gracefulShutdown()
            return
        }
        // Four times an interval: one that comes late does no harm.
        let pause = manager.watchdogInterval.map { min($0 / 4, .seconds(5)) } ?? .seconds(5)
        try? await withGracefulShutdownHandler {
            try await cancelWhenGracefulShutdown { [self] in
                while true {
                    tick()
                    try await Task.sleep(for: pause)
                }
            }
        } onGracefulShutdown: { [manager] in
            manager.tell(.stopping)
        }
    }

    private func tick() {
        manager.tell(.status(status))
        guard manager.watchdogInterval != nil else { return }
        let event = WatchdogStateMachine.Event.tick(delays: streams.delays, heldCalls: Reaper.held)
        for action in machine.withLock({ $0.handle(event) }) {
            switch action {
            case .tellAlive: manager.tell(.alive)
            case .warn(let reasons):
                logger.error("the service manager will restart this daemon: \(reasons.joined(separator: "; "))")
            case .recovered: logger.notice("all is well again")
            case .ask(let names): for name in names { ask(name) }
            }
        }
    }

    private func ask(_ loop: String) {
        loops[loop]? { [self] in _ = machine.withLock { $0.handle(.answer(loop: loop)) } }
    }

    /// e.g. `streams: 2 live, 1 backoff; consumers: 4; event 1842`.
    private var status: String {
        let states = Dictionary(grouping: hub.streams.compactMap(\.state)) { $0 }
        let counts = StreamState.allCases.compactMap { state in states[state].map { "\($0.count) \(state.rawValue)" } }
        let status = hub.status
        let failure = status.failure.map { "; \($0)" } ?? ""
        return "streams: \(counts.isEmpty ? "none" : counts.joined(separator: ", ")); "
            + "consumers: \(server.connectionCount); event \(status.committed)\(failure)"
    }
}
