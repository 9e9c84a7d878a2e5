internal import Capture
internal import Clips
internal import Codec
package import Events
package import Media
internal import ServiceLifecycle
package import Tokenization

/// Tokens of the clips of a file that Video-LaVIT's reference looks at (`ReferenceSampling`).
///
/// The file is read twice, for which clips these are depends on how many pictures there are, and what the encoder makes of them is the same each
/// time. Nothing of the first reading is kept but the places of the I-pictures.
package final class ReferenceService: Service {
    private let plan: StreamPlan
    private let maximumClips: Int
    private let tokenizer: any ClipTokenizer
    private let publish: @Sendable (Event) -> Void
    private let onProgress: @Sendable (MediaTime) -> Void

    /// - Parameters:
    ///   - plan: of a file. The stream's own vectors are taken where its `motion` says `codec`, else those of re-encoding.
    ///   - publish: takes the events, from one thread at a time; may block.
    package init(
        _ plan: StreamPlan, maximumClips: Int, tokenizer: any ClipTokenizer,
        publish: @escaping @Sendable (Event) -> Void,
        onProgress: @escaping @Sendable (MediaTime) -> Void = { _ in }
    ) {
        self.plan = plan
        self.maximumClips = maximumClips
        self.tokenizer = tokenizer
        self.publish = publish
        self.onProgress = onProgress
    }

    /// Returns when all is published, or the service was shut down or cancelled.
    /// - Throws: `SourceError`, `StreamPipeline.Unusable`, `DecoderError`.
    package func run() async throws {
        try await cancelWhenGracefulShutdown { [self] in
            do {
                try await sample()
            } catch {
                guard !Task.isCancelled else { return }
                publish(.streamState(.failed, stream: plan.name, session: 1, reason: "\(error)"))
                throw error
            }
        }
    }

    private func sample() async throws {
        let way = plan.motion ?? .reencode
        let pass = ReferencePass(source: plan.source, options: plan.options, way: way, onProgress: onProgress)
        let reason =
            way == .codec
            ? "asked for by motion: codec; every picture of the file counts as one of six a second"
            : "Video-LaVIT's reference encodes the file anew"
        publish(.streamState(.live, stream: plan.name, session: 1, motion: (way, reason)))
        let list = try await pass.run { PictureList() }
        guard !Task.isCancelled else { return }
        let starts = ReferenceSampling.clipStarts(intra: list.intra, count: list.count, maximumClips: maximumClips)
        guard !starts.isEmpty else {
            throw StreamPipeline.Unusable(
                description: list.count == 0 ? "no picture of it could be decoded" : "it has no I-picture")
        }
        let encoding = plan.encoding(tokenizer)
        try await pass.run { [publish] in
            SamplingWork(starts: starts, count: list.count, way: way, encoding: encoding, publish: publish)
        }
        guard !Task.isCancelled else { return }
        publish(.streamState(.ended, stream: plan.name, reason: "end of file"))
    }
}

/// What the first reading finds.
private struct PictureList: ReferenceConsumer, Sendable {
    var intra: [Int] = []
    var count = 0

    var summary: Self { self }

    mutating func handle(_ picture: any DecodedPicture, of format: VideoFormat) -> Bool {
        if picture.type == .intra { intra.append(count) }
        count += 1
        return true
    }
}

/// The second reading.
private struct SamplingWork: ReferenceConsumer {
    let starts: [Int]
    let count: Int
    let way: MotionWay
    var encoding: ClipEncoding
    let publish: @Sendable (Event) -> Void
    private var clips: ReferenceClips?
    private var lastClip = ContinuousClock.now

    var summary: Void { () }

    init(
        starts: [Int], count: Int, way: MotionWay, encoding: ClipEncoding, publish: @escaping @Sendable (Event) -> Void
    ) {
        self.starts = starts
        self.count = count
        self.way = way
        self.encoding = encoding
        self.publish = publish
    }

    mutating func handle(_ picture: any DecodedPicture, of format: VideoFormat) -> Bool {
        var clips =
            self.clips
            ?? ReferenceClips(starts: starts, count: count, session: 1, format: format, motionSource: way)
        let finished = clips.handle(picture)
        self.clips = clips
        for clip in finished {
            let latency = Latency(decode: (.now - lastClip).milliseconds)
            publish(encoding.event(of: TimedClip(clip: clip, latency: latency)))
            lastClip = .now
        }
        return !clips.isFinished
    }
}
