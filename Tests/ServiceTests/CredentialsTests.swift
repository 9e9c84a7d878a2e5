import Capture
import Foundation
import Service
import Testing

/// Credentials in a configuration.
@Suite final class CredentialsTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "videowire-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func write(_ name: String, _ bytes: [UInt8], mode: Int = 0o600) throws {
        let path = folder.appending(path: name).path
        try FileManager.default.createDirectory(
            at: folder.appending(path: name).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func settings(
        _ credentials: String, source: String = "rtsp://cam/x", environment: [String: String] = [:]
    ) throws -> Settings {
        try Settings(
            yaml: "streams:\n  a:\n    source: \(source)\n    credentials: \(credentials)\n",
            file: folder.appending(path: "my.yaml").path, environment: environment)
    }

    private func address(_ settings: Settings) throws -> RTSPAddress {
        guard case .rtsp(let address) = try settings.location(of: try #require(settings.streams.first)) else {
            throw CancellationError()
        }
        return address
    }

    private func message(_ body: () throws -> Void) throws -> String {
        try #require(#expect(throws: SettingsError.self) { try body() }).description
    }

    @Test(arguments: [
        ("jane:hunter22\n", "jane", "hunter22"), ("jane:hunter22", "jane", "hunter22"),
        ("jane:hunter22\r\n", "jane", "hunter22"), ("jane:a:b@c/d#e?f%40 \\\"'\n", "jane", "a:b@c/d#e?f%40 \\\"'"),
        (":hunter22\n", "", "hunter22"), ("token:\n", "token", ""), ("ü:ä ö\n", "ü", "ä ö"),
        (" jane : hunter22 \n", " jane ", " hunter22 "),
    ])
    func aLineIsTakenLiterally(text: String, user: String, password: String) throws {
        try write("login", Array(text.utf8))
        let address = try address(settings("login"))
        #expect(address.user == user)
        #expect(address.password == password)
        #expect(address.location == "rtsp://cam/x")
        #expect(address.description == "rtsp://cam/x")
    }

    @Test(arguments: [
        ("", "it is empty"), ("\n", "it is empty"), ("hunter22\n", "it has no colon"),
        ("jane\nhunter22\n", "more than one line"), ("jane:hunter22\n\n", "more than one line"),
        ("jane:hunter22\0", "control character"), ("jane:hunter\t22", "control character"),
        ("jane:hünter22", "not UTF-8"),
        ("jane:" + String(repeating: "a", count: 4096), "4 KiB"),
        ("jane:" + String(repeating: "a", count: 1 << 20), "4 KiB"),
    ])
    func otherFilesAreRefusedWithoutRepeatingThem(latin1: String, why: String) throws {
        try write("login", latin1.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        let text = try message { _ = try address(settings("login")) }
        #expect(text.contains(why) && text.contains("streams.a.credentials") && text.contains("user:password"))
        #expect(!text.contains("hunter"))
    }

    @Test func aFileThatEverybodyMayReadIsRefused() throws {
        try write("login", Array("jane:hunter22".utf8), mode: 0o644)
        #expect(try message { _ = try address(settings("login")) }.contains("chmod 600 \(folder.path)/login"))
        try write("login", Array("jane:hunter22".utf8), mode: 0o640)
        #expect(try address(settings("login")).user == "jane")
    }

    @Test func aFileThatIsNotThereOrNoFileIsNamed() throws {
        #expect(try message { _ = try address(settings("none")) }.contains("\(folder.path)/none"))
        #expect(try message { _ = try address(settings("/")) }.contains("not a file"))
        let pipe = folder.appending(path: "pipe").path
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(try message { _ = try address(settings("pipe")) }.contains("not a file"))
    }

    @Test func pathsAreRelativeToTheConfiguration() throws {
        try write("logins/door", Array("jane:hunter22".utf8))
        #expect(try address(settings("logins/door")).user == "jane")
        #expect(try address(settings("./logins/door")).user == "jane")
        #expect(try address(settings("\(folder.path)/logins/door")).user == "jane")
    }

    @Test func aBareNameIsASystemdCredentialWhereThereAreAny() throws {
        try write("door", Array("file:hunter22".utf8))
        try write("run/door", Array("systemd:hunter22".utf8), mode: 0o400)
        let environment = ["CREDENTIALS_DIRECTORY": "\(folder.path)/run"]
        #expect(try address(settings("door")).user == "file")
        #expect(try address(settings("door", environment: environment)).user == "systemd")
        #expect(try address(settings("./door", environment: environment)).user == "file")
        let text = try message { _ = try address(settings("gate", environment: environment)) }
        #expect(text.contains("LoadCredential=gate:") && text.contains("./gate"))
    }

    @Test func theFileIsReadAnewEachTime() throws {
        try write("login", Array("jane:hunter22".utf8))
        let settings = try settings("login")
        let stream = try #require(settings.streams.first)
        let first = try settings.location(of: stream)
        #expect(try settings.location(of: stream) == first)
        try write("login", Array("jane:hunter23".utf8))
        #expect(try settings.location(of: stream) != first)
    }

    @Test func credentialsTwiceOrForAFileAreErrorsWithTheirLine() throws {
        let twice = try message { _ = try settings("login", source: "rtsp://jane:hunter22@cam/x") }
        #expect(twice.contains("my.yaml:4: streams.a.credentials: the URL has a user already"))
        let file = try message { _ = try settings("login", source: "a.mp4") }
        #expect(file.contains("my.yaml:4: streams.a.credentials: only an rtsp:// source"))
    }

    @Test func passwordsInAFileForEverybodyAreWarnedOf() throws {
        func warning(_ source: String, mode: Int) throws -> String? {
            let yaml = "streams:\n  door-1:\n    source: \(source)\n"
            try write("my.yaml", Array(yaml.utf8), mode: mode)
            return try Settings(yaml: yaml, file: folder.appending(path: "my.yaml").path, environment: [:]).warning
        }
        let text = try #require(try warning("rtsp://jane:hunter22@cam/x", mode: 0o644))
        #expect(
            text.contains("door-1") && text.contains("chmod 640 \(folder.path)/my.yaml") && !text.contains("hunter"))
        #expect(try warning("rtsp://cam/x?user=jane&password=hunter22", mode: 0o644) != nil)
        #expect(try warning("rtsp://jane:hunter22@cam/x", mode: 0o640) == nil)
        #expect(try warning("rtsp://cam/x?channel=1", mode: 0o644) == nil)
    }

    @Test func addressesInTheWrongPlaceAreNotRepeated() throws {
        for yaml in [
            "streams:\n  \"rtsp://u:hunter22@cam/x\":\n    source: x", "rtsp://u:hunter22@cam/x: 1",
            "pipelines: rtsp://u:hunter22@cam/x", "streams:\n  a:\n    source: x\n    rtsp://u:hunter22@cam/x: y",
        ] {
            let text = try message { _ = try Settings(yaml: yaml, file: "my.yaml", environment: [:]) }
            #expect(!text.contains("hunter"))
        }
    }
}
