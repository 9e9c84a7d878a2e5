import Foundation
import Synchronization

/// The service manager's end of sd_notify(3): collects what a daemon tells.
final class NotifySocket: Sendable {
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let descriptor = descriptor
        let status = UnixAddress(path: path).withPointer { bind(descriptor, $0, $1) }
        guard status == 0 else { throw RawClient.Failure(call: "bind", code: errno) }
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count <= 0 { return }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                received.withLock { $0.append(text) }
            }
        }
    }

    deinit { close(descriptor) }

    /// Ends the reading thread, which keeps the socket alive.
    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    var messages: [String] { received.withLock { $0 } }

    /// How often the daemon has said that it is alive.
    var lifeSigns: Int { messages.count { $0.contains("WATCHDOG=1") } }

    /// Waits for a condition on the messages so far; false where it does not come true in time.
    func wait(upTo limit: Duration = .seconds(15), until condition: ([String]) -> Bool) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if condition(messages) { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }
}
