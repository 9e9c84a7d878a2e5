internal import ArgumentParser
internal import Service

struct ModelBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Times the parts of a checkpoint's tokenizers on this machine.")

    @OptionGroup var checkpoint: CheckpointArgument

    @Option(help: "fp32, bf16, int16 or int8.")
    var precision = TokenizerSettings.Precision.int16

    @Option(help: "As many as the machine has cores where not given.")
    var threads: Int?

    @Option(help: "The best of so many runs counts.")
    var runs = 5

    @Option(help: "Patches that the selector is taken to keep, 0 to 256; the paper's mean is 90.")
    var kept: Int?

    @Flag(help: "One JSON object instead of text.")
    var json = false

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024") }
        if let kept, !(0...256).contains(kept) { throw ValidationError("--kept must be from 0 to 256") }
        guard (1...1000).contains(runs) else { throw ValidationError("--runs must be from 1 to 1000") }
    }

    func run() async throws {
        var settings = TokenizerSettings(path: checkpoint.path)
        settings.precision = precision
        settings.threads = threads
        try await perform {
            try await ModelBenchmark.run(.init(tokenizer: settings, runs: runs, kept: kept, json: json))
        }
    }
}
