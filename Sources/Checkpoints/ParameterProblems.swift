/// All that is wrong with the tensors of a checkpoint, told at once.
struct ParameterProblems {
    /// Of a kind, more are counted only.
    private static let limit = 20

    var missing: [String] = []
    /// Of another shape or type.
    var misshapen: [String] = []
    var nonFinite: [String] = []
    var extra: [String] = []

    func check(_ path: String) throws(CheckpointError) {
        let kinds = [
            ("missing", missing), ("of another shape or type", misshapen),
            ("with elements that are no finite numbers", nonFinite),
            ("that the model does not have", extra),
        ].filter { !$0.1.isEmpty }
        guard !kinds.isEmpty else { return }
        let lists = kinds.map { name, all in
            let more = all.count > Self.limit ? ["and \(all.count - Self.limit) more"] : []
            return "\(all.count) \(all.count == 1 ? "tensor" : "tensors") \(name):\n"
                + (all.prefix(Self.limit) + more).map { "  \($0)" }.joined(separator: "\n")
        }
        throw CheckpointError(
            .unusable,
            "\(path) does not fit its configuration. Download it again, or name another.\n"
                + lists.joined(separator: "\n"))
    }
}
