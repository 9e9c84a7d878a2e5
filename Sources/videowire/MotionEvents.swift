internal import ArgumentParser
internal import Service

struct MotionEvents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "motion-events",
        abstract: "Writes what the motion of a file shows, one JSON object a line.",
        discussion: """
            Cuts, lights, movements of the camera, and regions that enter, leave, stop, start and turn: start_s when it began, known_s when that was \
            certain. Boxes are left, top, width and height in fractions of the picture, velocities in widths and heights a second.
            """)

    @Argument(help: "A video file.")
    var file: String

    @Option(help: "Where motion vectors come from: auto, codec or reencode.")
    var motion = Settings.Stream.Motion.auto

    @OptionGroup var options: SourceOptions

    func run() async throws {
        try await perform {
            try await MotionEventList.run(file: file, motion: motion, pipelines: options.pipelines)
        }
    }
}
