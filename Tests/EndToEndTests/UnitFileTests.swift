import Foundation
import Testing

/// What systemd itself says of the unit files; `make test-package` runs them.
@Suite struct UnitFileTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "systemd")

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    }

    /// The value of a key that stands once in a unit.
    private func value(_ key: String, _ unit: String) throws -> String {
        let lines = try text(unit).split(separator: "\n").filter { $0.hasPrefix(key + "=") }
        #expect(lines.count == 1, "\(key) in \(unit)")
        return String(try #require(lines.first).dropFirst(key.count + 1))
    }

    @Test func systemdUnderstandsEveryLine() async throws {
        let scratch = try Scratch()
        // systemd also looks whether the program is there: the one just built stands for the installed one.
        let program = Program.binaries.appending(path: "videowire").path
        let service = try text("videowired.service").replacing("/usr/bin/videowired", with: program)
        let units = [
            try scratch.write("videowired.service", service),
            try scratch.write("videowired.socket", try text("videowired.socket")),
        ]
        let result = try await Program.run("systemd-analyze", ["verify", "--recursive-errors=no"] + units)
        #expect(result.status == 0)
        #expect(!result.errors.contains("videowired."), "\(result.errors)")
    }

    @Test func theSandboxIsTight() async throws {
        let result = try await Program.run(
            "systemd-analyze",
            [
                "security", "--offline=yes", "--no-pager", "--threshold=20",
                Self.folder.appending(path: "videowired.service").path,
            ])
        #expect(result.status == 0, "\(result.lines.suffix(2)) \(result.errors)")
    }

    @Test func unitsAgreeWithTheConfiguration() throws {
        let configuration = try text("videowired.yaml")
        let socket = try value("ListenStream", "videowired.socket")
        #expect(configuration.contains("\n  path: \(socket)\n"))
        let state = try value("StateDirectory", "videowired.service")
        #expect(configuration.contains("\n  path: /var/lib/\(state)/"))
        // systemd removes a RuntimeDirectory when the service stops, and the socket in it.
        #expect(try !text("videowired.service").contains("\nRuntimeDirectory="))
        let group = try value("SocketGroup", "videowired.socket")
        #expect(try text("debian/videowire.sysusers").contains("\ng \(group) "))
    }
}
