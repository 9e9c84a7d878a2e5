internal import Checkpoints
internal import Models
internal import Tensors
package import Tokenization

/// Where models are made. One is made at start, and serves all streams.
package enum TokenizerFactory {
    /// Loads Video-LaVIT's tokenizers; takes seconds.
    ///
    /// - Parameters:
    ///   - forDecoding: loads the motion decoder too.
    ///   - progress: is told in a few words now and then what is being done.
    /// - Throws: why the checkpoint cannot be used: `CheckpointError`, `UnusableTokenizer`.
    package static func make(
        _ settings: TokenizerSettings, forDecoding: Bool = false, progress: @escaping @Sendable (String) -> Void
    ) throws -> any ClipTokenizer {
        let (model, checkpoint) = try load(settings, forDecoding: forDecoding, progress: progress)
        let pool = WorkerPool(threads: settings.threadCount)
        pool.perform { engine in model.warmUp(engine) }
        return VideoLaVITTokenizer(
            model, precision: settings.precision.precision, pool: pool,
            weightHash: checkpoint.weightHash,
            options: VideoLaVITTokenizer.Options(
                selection: settings.selector == .gumbel
                    ? .gumbel(seed: UInt64(truncatingIfNeeded: settings.seed)) : .deterministic,
                withFeatures: settings.features != nil))
    }

    static func load(
        _ settings: TokenizerSettings, forDecoding: Bool = false, progress: @escaping @Sendable (String) -> Void
    ) throws -> (model: VideoLaVIT, checkpoint: Checkpoint) {
        let checkpoint = try Checkpoint(opening: settings.path)
        let configuration = checkpoint.configuration
        let precision = settings.precision.precision
        // Before anything is read or allocated.
        try checkpoint.check(VideoLaVIT.parameters(of: configuration))
        let needed = VideoLaVIT.memory(
            of: configuration, withMotionDecoder: forDecoding, precision: precision, threads: settings.threadCount)
        try checkMemory(needed, MemoryBudget.current(), settings)

        var lastWord = ContinuousClock.now
        let source = CheckpointSource(checkpoint) { read, total in
            guard .now - lastWord >= .seconds(1) else { return }
            lastWord = .now
            progress("\(settings.path): \(read * 100 / max(total, 1)) % of the weights are loaded")
        }
        let model = VideoLaVIT(source, configuration, withMotionDecoder: forDecoding, precision: precision)
        try source.finish()
        return (model, checkpoint)
    }

    /// Refuses what does not fit, before it makes the machine swap.
    package static func checkMemory(_ needed: Int, _ budget: MemoryBudget?, _ settings: TokenizerSettings) throws {
        guard let budget, budget.available < needed else { return }
        let smaller =
            settings.precision == .int8
            ? "" : " With precision int8 it needs \(settings.precision == .fp32 ? "a quarter" : "half") of that."
        throw UnusableTokenizer(
            description: "\(settings.path) needs \(gigabytes(needed)) of memory in \(settings.precision.rawValue), "
                + "and \(gigabytes(budget.available)) are available (\(budget.limit)). Free some, or raise the limit."
                + smaller)
    }

    private static func gigabytes(_ bytes: Int) -> String {
        let tenths = (bytes + 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10) GB"
    }
}

/// A checkpoint that cannot be used.
package struct UnusableTokenizer: Error, CustomStringConvertible {
    package var description: String

    package init(description: String) {
        self.description = description
    }
}

extension TokenizerSettings {
    var threadCount: Int { threads ?? WorkerPool.defaultThreads }
}

extension TokenizerSettings.Precision {
    var precision: Tensors.Precision {
        switch self {
        case .fp32: .float32
        case .bf16: .bfloat16
        case .int16: .int16
        case .int8: .int8
        }
    }
}
