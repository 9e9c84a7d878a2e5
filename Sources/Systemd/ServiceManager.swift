internal import CSystemd
internal import Glibc

/// The service manager that has started this process, as far as there is one: systemd, or what speaks its protocol (sd_notify(3)).
/// Without one every call does nothing.
public struct ServiceManager: Sendable {
    /// What the manager is told of this process.
    public enum State: Sendable, Hashable {
        case ready
        /// Until the next `ready`.
        case reloading
        case stopping
        /// Proof of life; owed at least once in `watchdogInterval`.
        case alive
        /// A line for people, shown by `systemctl status`.
        case status(String)
    }

    /// Whether anybody listens to `tell`.
    public let isPresent: Bool
    /// The manager restarts the process that is silent for longer; nil where it keeps no watch.
    public let watchdogInterval: Duration?

    /// Reads what the manager has put into the environment.
    public init() {
        isPresent = getenv("NOTIFY_SOCKET") != nil
        var microseconds: UInt64 = 0
        let isWatched = sd_watchdog_enabled(0, &microseconds) > 0
        watchdogInterval = isWatched ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    /// Any thread; never waits.
    public func tell(_ state: State) {
        let text =
            switch state {
            case .ready: "READY=1"
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds())"
            case .stopping: "STOPPING=1"
            case .alive: "WATCHDOG=1"
            case .status(let line): "STATUS=\(line.prefix { $0 != "\n" })"
            }
        sd_notify(0, text)
    }

    /// The listening Unix socket that the manager has opened for this process (socket activation); nil where it has opened none.
    /// Call it once, before other threads read the environment; the caller owns the descriptor.
    ///
    /// - Throws: `UnusableSocket` where something else was passed.
    public static func takeListeningSocket() throws(UnusableSocket) -> CInt? {
        let count = sd_listen_fds(1)
        guard count != 0 else { return nil }
        let descriptor = csd_first_descriptor
        guard count == 1, sd_is_socket_unix(descriptor, Int32(SOCK_STREAM.rawValue), 1, nil, 0) > 0 else {
            throw UnusableSocket(count: Int(count))
        }
        return descriptor
    }

    /// What was passed is not one listening Unix stream socket.
    public struct UnusableSocket: Error, CustomStringConvertible {
        let count: Int

        public var description: String {
            """
            socket activation: the service manager passed \(count == 1 ? "a descriptor of another kind" : "\(count) descriptors"), \
            not one listening Unix socket; give videowired.socket one ListenStream= with a path
            """
        }
    }

    private static func monotonicMicroseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
