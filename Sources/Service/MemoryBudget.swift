internal import Foundation

/// How much memory this process may still take.
package struct MemoryBudget: Sendable, Hashable {
    /// Bytes.
    package var available: Int
    /// What sets the limit.
    package var limit: String

    package init(available: Int, limit: String) {
        self.available = available
        self.limit = limit
    }

    /// The smaller of what the machine has left and what the control groups leave. Nil where the system tells neither.
    package static func current() -> Self? {
        [ofMachine(), ofControlGroups()].compactMap(\.self).min { $0.available < $1.available }
    }

    private static func ofMachine() -> Self? {
        guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else { return nil }
        return parse(meminfo: text).map { Self(available: $0, limit: "the machine's free memory") }
    }

    /// `MemAvailable` in bytes (proc(5)).
    package static func parse(meminfo: String) -> Int? {
        for line in meminfo.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }
        return nil
    }

    /// `memory.max` less `memory.current` of the process's group and those above it (Linux, control group v2).
    private static func ofControlGroups() -> Self? {
        guard let text = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
            let own = text.split(separator: "\n").first(where: { $0.hasPrefix("0::") })
        else { return nil }
        var group = URL(fileURLWithPath: "/sys/fs/cgroup" + own.dropFirst(3))
        var smallest: Self?
        while group.path.hasPrefix("/sys/fs/cgroup") {
            if let maximum = number(in: group.appendingPathComponent("memory.max")),
                let used = number(in: group.appendingPathComponent("memory.current")),
                maximum - used < smallest?.available ?? .max
            {
                smallest = Self(available: max(maximum - used, 0), limit: "memory.max of \(group.path)")
            }
            group.deleteLastPathComponent()
        }
        return smallest
    }

    /// Nil for `max` too.
    private static func number(in file: URL) -> Int? {
        (try? String(contentsOf: file, encoding: .utf8)).flatMap { Int($0.filter { $0 != "\n" }) }
    }
}
