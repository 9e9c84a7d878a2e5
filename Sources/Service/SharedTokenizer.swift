internal import Capture
internal import Media
internal import Tokenization

/// One model for all streams: they take turns, in the order in which they ask.
final class SharedTokenizer: ClipTokenizer {
    /// A clip that takes longer hangs.
    private static let limit = Duration.seconds(60)

    private struct Turns {
        var given = 0
        var served = 0
        /// When the clip at work was begun.
        var since: ContinuousClock.Instant?
    }

    private let tokenizer: any ClipTokenizer
    private let turns = Monitor(Turns())

    init(_ tokenizer: any ClipTokenizer) {
        self.tokenizer = tokenizer
    }

    var description: TokenizerDescription { tokenizer.description }

    /// Blocks until its turn has come.
    func encode(_ clip: Clip) throws -> ClipTokens {
        let turn = turns.withLock { turns in
            defer { turns.given += 1 }
            return turns.given
        }
        turns.wait { turns in
            guard turns.served == turn else { return Void?.none }
            turns.since = .now
            return ()
        }
        defer {
            turns.withLock { turns in
                turns.served += 1
                turns.since = nil
            }
        }
        return try tokenizer.encode(clip)
    }

    func decode(_ tokens: ClipTokens) throws -> DecodedClip { try tokenizer.decode(tokens) }

    func keyFeatures(of tokens: ClipTokens) throws -> ClipFeatures { try tokenizer.keyFeatures(of: tokens) }

    /// What has missed its time; nil while all goes well. Any thread.
    var delay: String? {
        guard let since = turns.withLock({ $0.since }), .now - since > Self.limit else { return nil }
        return "the tokenizer has been at work on one clip for \((ContinuousClock.now - since).components.seconds) s"
    }
}
