internal import ArgumentParser
internal import Service

struct ModelInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Says what a checkpoint holds, without reading its weights.")

    @OptionGroup var checkpoint: CheckpointArgument

    @Flag(help: "One JSON object instead of text.")
    var json = false

    func run() async throws {
        try await perform { try ModelCommands.inspect(checkpoint.path, json: json) }
    }
}
