internal import ArgumentParser
internal import Service

struct ModelVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads all of a checkpoint: nothing may be missing, misshapen, too many or no finite number.")

    @OptionGroup var checkpoint: CheckpointArgument

    @Flag(help: "One JSON object instead of text.")
    var json = false

    func run() async throws {
        try await perform { try ModelCommands.verify(checkpoint.path, json: json) }
    }
}
