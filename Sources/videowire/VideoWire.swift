public import ArgumentParser
public import Service

@main
enum Main {
    static func main() async {
        LaunchSecrets.hide()
        // The package has a link of this name.
        let isDaemon = CommandLine.arguments.first?.split(separator: "/").last == "videowired"
        await run(isDaemon ? RunDaemon.self : VideoWire.self)
    }

    /// As the command's own `main`, but a message about a wrong command line, which repeats it, does not repeat its secrets.
    private static func run(_ root: any AsyncParsableCommand.Type) async {
        do {
            var command = try await root.asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
        } catch {
            let status = root.exitCode(for: error)
            guard !status.isSuccess else { root.exit(withError: error) }
            let message = root.fullMessage(for: error)
            if !message.isEmpty { printError(message) }
            root.exit(withError: status)
        }
    }
}

struct VideoWire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "videowire",
        abstract: "Turns live cameras and video files into tokens and captions.",
        version: videowireVersion,
        subcommands: [
            Run.self, Tokens.self, Caption.self, RunDaemon.self, Watch.self, Ask.self, Subtitles.self, Memory.self,
            Search.self, Frame.self, Forget.self, Probe.self, Motion.self, MotionEvents.self, Reencode.self,
            Decode.self, Model.self, TestCam.self,
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

/// How commands that open a camera log in to it.
struct LoginOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file with one line, user:password; - for standard input. Else VIDEOWIRE_USER and VIDEOWIRE_PASSWORD.",
            valueName: "file"))
    var credentials: String?
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
extension Settings.Stream.Memory.Merge: ExpressibleByArgument {}
extension VectorTableFormat: ExpressibleByArgument {}
extension SubtitleRequest.Format: ExpressibleByArgument {}
extension TokenizerSettings.Precision: ExpressibleByArgument {}
extension TokenizerSettings.Selector: ExpressibleByArgument {}
