internal import Capture
internal import Events
internal import Foundation
internal import Media
internal import Models
internal import Synchronization
internal import Tensors
internal import Tokenization

/// The work of `videowire model compare`: how many ids of real clips stay the same in another precision.
public enum ModelComparison {
    /// - Parameters:
    ///   - tokenizer: the checkpoint, and the precision that is compared with fp32.
    ///   - files: videos; every clip of them is used.
    /// - Throws: `SourceError`, or why the checkpoint cannot be used.
    public static func run(_ tokenizer: TokenizerSettings, files: [String]) async throws {
        var inputs: [VideoLaVITInput] = []
        for file in files { inputs += try await clips(of: file) }
        guard !inputs.isEmpty else { throw UnusableTokenizer(description: "the files have no clip") }
        let clips = inputs
        var exact = tokenizer
        exact.precision = .fp32
        let reference = try await encode(clips, exact)
        let other = try await encode(clips, tokenizer)
        var visual = Agreement(), motion = Agreement(), keep = Agreement()
        for (mine, theirs) in zip(other, reference) {
            visual.add(mine.key, theirs.key)
            motion.add(mine.motion, theirs.motion)
            keep.add(mine.key.map { $0 == nil ? nil : 0 }, theirs.key.map { $0 == nil ? nil : 0 })
        }
        var output = FileOutput()
        let text = """
            \(clips.count) clips, \(tokenizer.precision.rawValue) against fp32
            patches kept or dropped alike  \(keep)
            visual ids                     \(visual)
            motion ids                     \(motion)

            """
        try output.write(Array(text.utf8))
        try output.flush()
    }

    /// The codes of a clip by place, nil where a patch was dropped, each with its margin.
    private struct Codes: Sendable {
        var key: [Codebook.Match?]
        var motion: [Codebook.Match?]
    }

    private static func encode(_ clips: [VideoLaVITInput], _ settings: TokenizerSettings) async throws -> [Codes] {
        try await onOwnThread("vw-compare") {
            Result { () throws -> [Codes] in
                let (model, _) = try TokenizerFactory.load(settings) { printError("videowire: \($0)") }
                let tokenizer = VideoLaVITTokenizer(
                    model, precision: settings.precision.precision, pool: WorkerPool(threads: settings.threadCount),
                    weightHash: nil)
                return clips.enumerated().map { index, clip in
                    printError("videowire: \(settings.precision.rawValue): clip \(index + 1) of \(clips.count)")
                    // The same draw in both: made-up weights have no opinion, and would keep all patches or none.
                    let tokens = tokenizer.encode(clip, selection: .gumbel(seed: UInt64(index)))
                    var codes = tokens.key.codes.makeIterator()
                    return Codes(key: tokens.key.keep.map { $0 ? codes.next() : nil }, motion: tokens.motion)
                }
            }
        }.get()
    }

    /// How many ids are the same, and how clear the others were.
    private struct Agreement: CustomStringConvertible {
        private var same = 0
        private var all = 0
        /// (d₂ − d₁) / d₁ in fp32 of those that changed.
        private var margins: [Float] = []

        mutating func add(_ mine: [Codebook.Match?], _ theirs: [Codebook.Match?]) {
            for (mine, theirs) in zip(mine, theirs) where mine != nil || theirs != nil {
                all += 1
                if mine?.code == theirs?.code {
                    same += 1
                } else if mine != nil, let theirs {
                    margins.append(theirs.margin)
                }
            }
        }

        mutating func add(_ mine: [Int?], _ theirs: [Int?]) {
            for (mine, theirs) in zip(mine, theirs) {
                all += 1
                if mine == theirs { same += 1 }
            }
        }

        var description: String {
            let share = String(format: "%6.2f %% of %d", 100 * Double(same) / Double(max(all, 1)), all)
            guard !margins.isEmpty else { return share }
            let sorted = margins.sorted()
            return share
                + String(
                    format: "; margins of those that changed: median %.2f %%, largest %.2f %%, above 5 %%: %d",
                    100 * sorted[sorted.count / 2], 100 * (sorted.last ?? 0), sorted.count { $0 > 0.05 })
        }
    }

    private static func clips(of file: String) async throws -> [VideoLaVITInput] {
        let source = try SourceLocation(parsing: file)
        guard !source.isLive else {
            throw UnusableTokenizer(description: "\(source) is no file; compare reads files")
        }
        let collector = ClipCollector()
        let plan = StreamPlan(name: "compare", source: source, captioner: nil, tokenizer: .videoLaVIT)
        try await StreamService(plan, tokenizer: collector, publish: { _ in }).run()
        return collector.inputs
    }
}

/// Keeps what it should tokenize.
private final class ClipCollector: ClipTokenizer {
    private let collected = Mutex<[VideoLaVITInput]>([])
    var inputs: [VideoLaVITInput] { collected.withLock { $0 } }

    let description = TokenizerDescription(
        id: "none", weightHash: nil, keyVocabulary: 0, motionVocabulary: 0, keyGrid: [], motionGrid: [],
        maximumMotionIDs: 0, keyIDs: 0)

    func encode(_ clip: Clip) throws -> ClipTokens {
        guard let input = clip.videoLaVIT else { throw ClipError.noVideoLaVITInput }
        collected.withLock { $0.append(input) }
        return ClipTokens(key: [], motion: [])
    }

    func decode(_ tokens: ClipTokens) throws -> DecodedClip { throw TokenError.noDecoder }
}
