internal import ArgumentParser
internal import Service

/// Who writes captions.
struct CaptionerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Who writes captions: motion, or the URL of a chat-completions server such as http://127.0.0.1:8080/v1.",
            valueName: "who"))
    var captioner = "motion"

    @Option(help: ArgumentHelp("The server's model; its first by default.", valueName: "name"))
    var captionerModel: String?

    @Option(help: ArgumentHelp("A file with the server's API key; - for standard input.", valueName: "file"))
    var captionerKey: String?

    @Option(
        help:
            "What is remembered of the past: clip, location, or none (a server then gets the newest pictures and nothing else)."
    )
    var memory = Settings.Stream.Memory.Merge.clip

    func validate() throws {
        guard captioner == "motion" else { return }
        guard captionerModel == nil, captionerKey == nil else {
            throw ValidationError("--captioner-model and --captioner-key need --captioner with the URL of a server")
        }
    }

    /// Nil: captions come from motion alone.
    var settings: CaptionerSettings? {
        captioner == "motion" ? nil : CaptionerSettings(url: captioner, model: captionerModel, key: captionerKey)
    }
}
