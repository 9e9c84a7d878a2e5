import Events
import Media

/// Values with every field set, or with as few as can be.
enum Samples {
    static func clip(session: Int = 7, index: Int = 1_842, capture: Bool = true) -> Clip {
        let start = MediaTime(units: Int64(index) * 360_000)
        let picture = Picture(
            pts: start, type: .intra, width: 640, height: 360, matrix: .bt709, isFullRange: false, planes: [])
        return Clip(
            session: session, index: index, start: start, end: start + Clip.duration, isComplete: true, cut: .keyframe,
            frames: 100, startsOnKey: true, hasBFrames: true,
            video: VideoFormat(
                codec: .h264, profile: "high", width: 640, height: 360, framesPerSecond: capture ? 25 : nil),
            key: KeyPicture(picture: picture, kind: .intra, isFiltered: true), fields: [],
            motion: MotionSummary(
                source: .codec, coverage: 0.930_04, isReferenceAmbiguous: false, framesPerSecond: 8.333_333),
            capture: capture ? span : nil,
            quality: ClipQuality(corruptFrames: 1, missingFrames: 2, interpolatedTimes: 3, isDiscontinuous: true))
    }

    static let span = CaptureSpan(
        start: UTC(nanoseconds: 1_763_683_800_402_000_000), end: UTC(nanoseconds: 1_763_683_804_402_999_999),
        source: .rtcpSenderReport, errorMilliseconds: 40,
        newestArrival: UTC(nanoseconds: 1_763_683_804_500_000_000))

    static func tokens(_ stream: String = "front-door", index: Int = 1_842, capture: Bool = true) -> Event {
        .clipTokens(
            stream: stream, clip: clip(index: index, capture: capture),
            tokens: ClipTokens(key: [3_012, 55, 0], motion: [2_042, 63], motionQuantizer: capture ? 1 : nil),
            tokenizer: "scalar-v1",
            latency: capture ? Latency(captureToEmit: 110, queue: 3, decode: 41, tokenize: 2) : Latency())
    }

    static func caption(_ stream: String = "front-door", text: String = "A region moves left, quickly.") -> Event {
        .captionFinal(
            stream: stream, session: 7, number: 12,
            caption: Caption(
                text: text, start: MediaTime(units: 90_000), end: MediaTime(units: 270_001), trigger: "enter",
                known: MediaTime(units: 180_000), event: enter, model: "motion-v2"),
            clips: 1_836...1_842, utcStart: span.start, utcEnd: span.end)
    }

    static let enter = MotionEvent(
        kind: .enter, start: MediaTime(units: 90_000), known: MediaTime(units: 180_000),
        region: MovingRegion(
            id: 3, box: PictureRectangle(x: 0, y: 0.35, width: 0.111, height: 0.2), velocity: [-0.187, 0.004],
            since: MediaTime(units: 90_000)), side: .right)

    static let writing = CaptionWriting(
        requested: span.start, firstToken: UTC(nanoseconds: span.start.nanoseconds + 300_000_000), done: span.end,
        frames: [MediaTime(units: 90_000), MediaTime(units: 180_000)], promptTokens: 842, completionTokens: 19)

    /// What a server wrote.
    static var writtenCaption: Event {
        .captionFinal(
            stream: "front-door", session: 7, number: 13, revision: 4,
            caption: Caption(
                text: "Somebody waits at the gate", start: MediaTime(units: 90_000), end: MediaTime(units: 270_001),
                trigger: "pan",
                event: MotionEvent(
                    kind: .pan, start: MediaTime(units: 90_000), known: MediaTime(units: 180_000),
                    contentVelocity: [0.1, 0], growth: 0.01, isUncertain: true),
                model: "qwen3-vl:8b", finish: .truncated, replaces: Event.captionID(7, 12), writing: writing,
                grounding: Grounding(seconds: 30, tokens: [10, 30], resolution: 300)))
    }

    static func state(_ stream: String = "front-door", _ state: StreamState = .live) -> Event {
        .streamState(state, stream: stream, session: 7)
    }

    /// One of each durable event, rich and bare.
    static let durable: [Event] = [
        .streamState(
            .backoff, stream: "front-door", session: 7, reason: "connection refused", attempt: 3,
            nextRetryMilliseconds: 2_000, since: span.start),
        .streamState(
            .live, stream: "front-door", session: 8, motion: (source: .codec, reason: "h264 high, progressive")),
        .streamState(.connecting, stream: "Küche \"1\"\n"),
        .streamGap(
            stream: "front-door", session: 8, cause: .network, missingFrames: 4, start: MediaTime(units: 90_000),
            end: MediaTime(units: 180_000), utcStart: span.start, utcEnd: span.end),
        .streamGap(stream: "front-door", session: 8, cause: .format),
        tokens(),
        tokens(capture: false),
        .clipSkipped(
            stream: "front-door", session: 8, index: 3, start: .zero, end: MediaTime(units: 80_000), cause: .short,
            capture: span),
        .clipSkipped(
            stream: "front-door", session: 8, index: 4, start: .zero, end: MediaTime(units: 80_000), cause: .undecodable
        ),
        caption(),
        writtenCaption,
        .captionSkipped(
            stream: "front-door", session: 7, trigger: "moving", start: MediaTime(units: 90_000),
            end: MediaTime(units: 270_000), cause: .repeat, number: 14, sameAs: 13, reason: "it says the same"),
        .answer(
            stream: "front-door", id: "01K0ASKED", question: "Is the gate open?", text: "Yes, since 14:02.",
            finish: .stop, model: "qwen3-vl:8b", session: 7, spans: .zero...MediaTime(units: 270_000),
            utcEnd: span.end, writing: writing),
        .answer(
            stream: "front-door", id: "01K0ASKEE", question: "Why?", text: "", finish: .stop, model: "qwen3-vl:8b",
            failure: "the server is away"),
        .clipTokens(
            stream: "front-door", clip: clip(index: 1_843, capture: false),
            tokens: ClipTokens(
                key: [7, 16_383], motion: [0, 1_023],
                languageModel: [32_000, 32_009, 48_385, 32_001, 48_386, 48_388, 49_411, 48_387], reusedFrom: 1_842),
            tokenizer: "video-lavit-v1-bf16", features: "front-door-7-1843.safetensors"),
        .clipSkipped(
            stream: "front-door", session: 7, index: 1_844, start: .zero, end: MediaTime(units: 360_000), cause: .busy),
    ]

    static let tokenizer = TokenizerDescription(
        id: "scalar-v1", weightHash: nil, keyVocabulary: 4_096, motionVocabulary: 2_048, keyGrid: [10, 18],
        motionGrid: [20, 36], maximumMotionIDs: 545, keyIDs: 630)

    static let modelTokenizer = TokenizerDescription(
        id: "video-lavit-v1-bf16", weightHash: String(repeating: "0a", count: 32), keyVocabulary: 16_384,
        motionVocabulary: 1_024, keyGrid: [16, 16], motionGrid: [3, 5, 9], maximumMotionIDs: 135, keyIDs: 256,
        languageVocabulary: LanguageVocabulary(
            keyMarkers: [32_000, 32_001], keyOffset: 32_002, motionMarkers: [48_386, 48_387], motionOffset: 48_388,
            count: 49_412))
}
