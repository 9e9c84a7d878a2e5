/// Which program serves, as its list of models tells.
package enum ServerKind: String, Sendable, Hashable {
    case llamaServer = "llama-server"
    case vLLM = "vLLM"
    case sgLang = "SGLang"
    case lmDeploy = "LMDeploy"
    case ollama = "Ollama"
    case other

    /// - Parameter owner: `owned_by` of a model.
    init(owner: String?) {
        self =
            switch owner {
            case "llamacpp": .llamaServer
            case "vllm": .vLLM
            case "sglang": .sgLang
            case "lmdeploy": .lmDeploy
            case "library": .ollama
            default: .other
            }
    }
}
