internal import ArgumentParser
internal import Service

struct ModelCompare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Counts how many ids of real clips a precision changes, against fp32.")

    @OptionGroup var checkpoint: CheckpointArgument

    @Argument(help: "Video files; each clip of them is used.")
    var files: [String]

    @Option(help: "bf16, int16 or int8.")
    var precision = TokenizerSettings.Precision.int8

    func run() async throws {
        var settings = TokenizerSettings(path: checkpoint.path)
        settings.precision = precision
        try await perform { try await ModelComparison.run(settings, files: files) }
    }
}
