public import ArgumentParser
public import Service

struct ModelSynth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synth",
        abstract: "Writes a checkpoint of made-up weights, to measure speed and memory with.",
        discussion: """
            It has the tokenizers in the layout of the model hub, and no language model. The same seed gives the same \
            weights in every layout and format.
            """)

    @Argument(help: "A folder that does not exist yet, or is empty.")
    var path: String

    @Option(help: "full: the sizes of the published checkpoints (3.2 GB as bf16). toy: small ones, for tests.")
    var config = ModelCommands.Synthesis.Size.full

    @Option(help: "sft: the folder language_model_sft. generation: the root of the repository.")
    var layout = ModelCommands.Synthesis.Layout.sft

    @Option(help: "bin: files of torch.save, as on the hub. Or safetensors.")
    var format = ModelCommands.Synthesis.Format.bin

    @Option(help: "Makes other weights.")
    var seed: UInt64 = 0

    @Option(help: "bf16, fp16 or fp32.")
    var dtype = ModelCommands.Synthesis.Numbers.bf16

    @Option(help: "Spreads the layout sft over so many files.")
    var shards = 1

    func validate() throws {
        guard (1...999).contains(shards) else { throw ValidationError("--shards must be from 1 to 999") }
        guard shards == 1 || layout == .sft else { throw ValidationError("--shards is for --layout sft") }
    }

    func run() async throws {
        let synthesis = ModelCommands.Synthesis(
            size: config, layout: layout, format: format, seed: seed, numbers: dtype, shards: shards)
        try await perform { try ModelCommands.synthesize(synthesis, to: path) }
    }
}

extension ModelCommands.Synthesis.Size: ExpressibleByArgument {}
extension ModelCommands.Synthesis.Layout: ExpressibleByArgument {}
extension ModelCommands.Synthesis.Format: ExpressibleByArgument {}
extension ModelCommands.Synthesis.Numbers: ExpressibleByArgument {}
