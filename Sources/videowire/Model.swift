internal import ArgumentParser

/// The folder of a checkpoint.
struct CheckpointArgument: ParsableArguments {
    @Argument(help: "A folder as the model hub serves it: language_model_sft, or the root of the repository.")
    var path: String
}

struct Model: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks at, checks and makes up checkpoints of Video-LaVIT.",
        subcommands: [ModelInspect.self, ModelVerify.self, ModelSynth.self, ModelBench.self, ModelCompare.self])
}
