internal import ArgumentParser
internal import Service

@main
struct VideoWireD: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "videowired",
        abstract: "Taps the streams of a configuration and serves their events on a Unix socket.",
        version: videowireVersion)

    @Option(help: ArgumentHelp("The configuration; systemd/videowired.yaml explains every key.", valueName: "file"))
    var config: String

    func run() async throws {
        ignoreBrokenPipes()
        do {
            try await Daemon.run(configuration: config)
        } catch {
            guard let status = ExitStatus(error) else { return }
            printError("videowired: \(error)")
            throw ExitCode(status.rawValue)
        }
    }
}
