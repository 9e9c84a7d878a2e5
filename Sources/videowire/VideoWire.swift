public import ArgumentParser
public import Service

@main
enum Main {
    static func main() async {
        // The package has a link of this name.
        if CommandLine.arguments.first?.split(separator: "/").last == "videowired" {
            await RunDaemon.main()
        } else {
            await VideoWire.main()
        }
    }
}

struct VideoWire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "videowire",
        abstract: "Turns live cameras and video files into tokens and captions.",
        version: videowireVersion,
        subcommands: [
            Run.self, Tokens.self, RunDaemon.self, Watch.self, Probe.self, Motion.self, Reencode.self, Decode.self,
            TestCam.self,
        ])
}

/// Runs a command's work; a failure becomes one line on standard error and the exit code of docs/cli.md.
func perform(_ work: () async throws -> Void) async throws {
    ignoreBrokenPipes()
    do {
        try await work()
    } catch {
        guard let status = ExitStatus(error) else { return }
        printError("videowire: \(error)")
        throw ExitCode(status.rawValue)
    }
}

/// The options of commands that open a source.
struct SourceOptions: ParsableArguments {
    @Option(help: "RTP over tcp or udp.")
    var transport = Settings.Stream.Transport.tcp

    @Option(help: ArgumentHelp("A directory with pipeline templates instead of the built-in ones.", valueName: "dir"))
    var pipelines: String?
}

extension Settings.Stream.Transport: ExpressibleByArgument {}
extension Settings.Stream.Motion: ExpressibleByArgument {}
extension VectorTableFormat: ExpressibleByArgument {}
