internal import ArgumentParser
internal import Service

struct Motion: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes all raw motion vectors of a file.",
        discussion: """
            Columns: frame, type, source, w, h, src_x, src_y, dst_x, dst_y, motion_x, motion_y, motion_scale. Frames count \
            from 0 in display order, vectors are in the decoder's order. In an .npy array the type is its ASCII code.
            """)

    @Argument(help: "A video file.")
    var file: String

    @Option(help: "csv or npy.")
    var format = VectorTableFormat.csv

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write; standard output by default.", valueName: "path"))
    var output: String?

    @OptionGroup var options: SourceOptions

    func run() async throws {
        try await perform {
            try await VectorDump.run(file: file, format: format, output: output, pipelines: options.pipelines)
        }
    }
}
