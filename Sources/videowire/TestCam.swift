internal import ArgumentParser
internal import Service

struct TestCam: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "testcam",
        abstract: "Serves a file, or a moving test picture, as an RTSP camera on 127.0.0.1.",
        discussion:
            "A file is looped, its time stamps rising on; with --from-start every client gets it once, from its first picture."
    )

    @Argument(help: "A video file; a test picture where none is given.")
    var file: String?

    @Flag(help: "Every client gets the file from its first picture, once.")
    var fromStart = false

    @Option(help: ArgumentHelp("The port; 0 takes a free one and prints it.", valueName: "port"))
    var port: UInt16 = 8554

    @Option(help: ArgumentHelp("Play so many times faster than real time.", valueName: "factor"))
    var speed = 1

    func validate() throws {
        guard (1...100).contains(speed) else { throw ValidationError("--speed must be from 1 to 100") }
        if fromStart, file == nil { throw ValidationError("--from-start needs a file") }
    }

    func run() async throws {
        try await perform {
            try await CameraServer.run(file: file, fromStart: fromStart, port: port, speed: speed)
        }
    }
}
