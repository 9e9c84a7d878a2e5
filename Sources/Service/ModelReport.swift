internal import Checkpoints
internal import Models

/// A checkpoint's summary for people.
struct ModelReport {
    private let summary: CheckpointSummary
    private let configuration: VideoLaVITConfiguration

    init(_ checkpoint: Checkpoint) {
        summary = checkpoint.summary
        configuration = checkpoint.configuration
    }

    var text: String {
        let (visual, motion) = (configuration.visual, configuration.motion)
        let language = configuration.languageWidth.map { "language model \($0) wide" } ?? "no language model"
        let facts = [
            ["checkpoint", summary.path], ["layout", summary.layout.rawValue],
            [
                "visual",
                "ViT \(visual.encoderLayers) × \(visual.width), \(visual.heads) heads, MLP \(visual.mlpHidden); merger \(visual.mergerLayers)",
            ],
            [
                "",
                "pictures \(visual.imageSize) × \(visual.imageSize) in patches of \(visual.patchSize); \(visual.codes) codes of \(visual.codeSize)",
            ],
            ["motion", "\(motion.width) wide, \(motion.heads) heads; \(motion.codes) codes of \(motion.codeSize)"],
            ["", "\(motion.frames) fields of \(motion.rows) × \(motion.columns)"],
            ["ids", "\(configuration.textVocabulary) of text; \(language)"],
        ]
        let files =
            [["file", "tensors", "MB", "types"]]
            + summary.files.map {
                [$0.name, "\($0.tensors)", Self.megabytes($0.bytes), $0.types.joined(separator: " ")]
            }
        let parts =
            [["part", "tensors", "MB", "types", "parameters"]]
            + summary.parts.map {
                [
                    $0.name, "\($0.tensors)", Self.megabytes($0.bytes), $0.types.joined(separator: " "),
                    "\($0.parameters)",
                ]
            }
        return [Self.table(facts, rightAligned: []), Self.table(files), Self.table(parts)].joined(separator: "\n\n")
    }

    private static func megabytes(_ bytes: Int) -> String {
        let tenths = (bytes + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Columns two spaces apart; numbers stand at the right.
    private static func table(_ rows: [[String]], rightAligned: Set<Int> = [1, 2, 4]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ") + (rightAligned.contains(column) ? space + cell : cell + space)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
