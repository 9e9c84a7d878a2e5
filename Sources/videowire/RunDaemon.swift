internal import ArgumentParser
internal import Service

struct RunDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon",
        abstract: "Taps the streams of a configuration and serves their events on a Unix socket.",
        discussion: "A link to this program named videowired does the same. SIGHUP reads the configuration anew.",
        version: videowireVersion)

    @Option(help: ArgumentHelp("The configuration; systemd/videowired.yaml explains every key.", valueName: "file"))
    var config: String

    func run() async throws {
        try await perform { try await Daemon.run(configuration: config) }
    }
}
