public import Media

/// Something that happened, ready to be numbered and sent: its name, what it is about, and the JSON text of its `data`.
///
/// Made by the functions below on the thread that knows the facts; docs/events.md lists the fields. Equal facts give
/// equal bytes of `data`. What is not known is left out.
public struct Event: Sendable, Hashable {
    public let name: EventName
    /// Nil where the event is about the daemon.
    public let stream: String?
    public let session: Int?
    /// CloudEvents' `subject`: the session, or session/clip.
    public let subject: String?
    /// JSON text of an object.
    public let data: String
    /// Set for `stream.state`.
    let state: StreamState?

    init(
        _ name: EventName, stream: String? = nil, session: Int? = nil, clip: Int? = nil, state: StreamState? = nil,
        fill: (inout JSONObject) -> Void
    ) {
        self.name = name
        self.stream = stream
        self.session = session
        self.state = state
        subject = session.map { session in clip.map { "\(session)/\($0)" } ?? "\(session)" }
        data =
            JSONObject { data in
                data.add("stream", stream)
                data.add("session", session)
                fill(&data)
            }.text
    }
}

/// How long the steps towards an event took, in milliseconds; nil where not measured.
public struct Latency: Sendable, Hashable {
    /// From the arrival of the newest picture to now.
    public var captureToEmit: Int?
    public var queue: Int?
    public var decode: Int?
    public var tokenize: Int?

    public init(captureToEmit: Int? = nil, queue: Int? = nil, decode: Int? = nil, tokenize: Int? = nil) {
        self.captureToEmit = captureToEmit
        self.queue = queue
        self.decode = decode
        self.tokenize = tokenize
    }
}

extension Event {
    /// `stream.state`: a stream has changed what it does.
    ///
    /// - Parameters:
    ///   - since: when it began to.
    ///   - motion: the way to motion chosen for the session, and why.
    public static func streamState(
        _ state: StreamState, stream: String, session: Int? = nil, reason: String? = nil, attempt: Int? = nil,
        nextRetryMilliseconds: Int? = nil, since: UTC? = nil,
        motion: (source: MotionWay, reason: String)? = nil
    ) -> Event {
        Event(.streamState, stream: stream, session: session, state: state) { data in
            data.add("state", state.rawValue)
            data.add("reason", reason)
            data.add("attempt", attempt)
            data.add("next_retry_ms", nextRetryMilliseconds)
            data.add("since", since?.rfc3339)
            data.add(
                "motion",
                motion.map { motion in
                    JSONObject {
                        $0.add("source", motion.source.rawValue)
                        $0.add("reason", motion.reason)
                    }
                })
        }
    }

    /// `stream.gap`: pictures are missing from a stream between two points of its media time.
    public static func streamGap(
        stream: String, session: Int, cause: GapCause, missingFrames: Int? = nil, start: MediaTime? = nil,
        end: MediaTime? = nil, utcStart: UTC? = nil, utcEnd: UTC? = nil
    ) -> Event {
        Event(.streamGap, stream: stream, session: session) { data in
            data.add("cause", cause.rawValue)
            data.add("missing_frames", missingFrames)
            data.add("pts_start_ns", start?.nanoseconds)
            data.add("pts_end_ns", end?.nanoseconds)
            data.add("utc_start", utcStart?.rfc3339)
            data.add("utc_end", utcEnd?.rfc3339)
        }
    }

    /// `clip.tokens`: what a tokenizer made of a clip.
    ///
    /// - Parameter features: name of the file that holds the continuous features of the clip's key picture.
    public static func clipTokens(
        stream: String, clip: Clip, tokens: ClipTokens, tokenizer: String, features: String? = nil,
        latency: Latency = Latency()
    ) -> Event {
        Event(.clipTokens, stream: stream, session: clip.session, clip: clip.index) { data in
            data.add("clip", JSONObject { $0.describe(clip) })
            data.add("video", JSONObject { $0.describe(clip.video) })
            data.add("tokenizer", tokenizer)
            data.add(
                "key",
                JSONObject {
                    $0.add("ids", tokens.key)
                    $0.add("count", tokens.key.count)
                    $0.add("pts_ns", clip.key.picture.pts.nanoseconds)
                    $0.add("kind", clip.key.kind.rawValue)
                    $0.add("filtered", clip.key.isFiltered)
                })
            data.add("motion", JSONObject { $0.describe(clip.motion, tokens) })
            if let ids = tokens.languageModel { data.add("llm_ids", ids) }
            data.add("features", features)
            data.add("reused_from", tokens.reusedFrom)
            data.add("quality", JSONObject { $0.describe(clip.quality) })
            data.add("latency_ms", JSONObject(latency))
        }
    }

    /// `clip.skipped`: a clip without tokens. Its index is used up.
    public static func clipSkipped(
        stream: String, session: Int, index: Int, start: MediaTime, end: MediaTime, cause: ClipSkipCause,
        capture: CaptureSpan? = nil
    ) -> Event {
        Event(.clipSkipped, stream: stream, session: session, clip: index) { data in
            data.add(
                "clip",
                JSONObject {
                    $0.add("index", index)
                    $0.add("pts_start_ns", start.nanoseconds)
                    $0.add("pts_end_ns", end.nanoseconds)
                    $0.describe(capture)
                })
            data.add("cause", cause.rawValue)
        }
    }
}

extension JSONObject {
    /// Nil where nothing was measured.
    fileprivate init?(_ latency: Latency) {
        guard latency != Latency() else { return nil }
        self.init {
            $0.add("capture_to_emit", latency.captureToEmit)
            $0.add("queue", latency.queue)
            $0.add("decode", latency.decode)
            $0.add("tokenize", latency.tokenize)
        }
    }

    fileprivate mutating func describe(_ clip: Clip) {
        add("index", clip.index)
        add("pts_start_ns", clip.start.nanoseconds)
        add("pts_end_ns", clip.end.nanoseconds)
        add("frames", clip.frames)
        add("first_is_key", clip.startsOnKey)
        add("has_b_frames", clip.hasBFrames)
        describe(clip.capture)
        add("complete", clip.isComplete)
        add("cut", clip.cut.rawValue)
    }

    fileprivate mutating func describe(_ capture: CaptureSpan?) {
        guard let capture else { return }
        add("utc_start", capture.start.rfc3339)
        add("utc_end", capture.end.rfc3339)
        add("utc_source", capture.source.rawValue)
        add("utc_error_ms", capture.errorMilliseconds)
    }

    fileprivate mutating func describe(_ video: VideoFormat) {
        add("codec", video.codec.rawValue)
        add("profile", video.profile)
        add("width", video.width)
        add("height", video.height)
        add("fps", video.framesPerSecond, digits: 3)
    }

    fileprivate mutating func describe(_ motion: MotionSummary, _ tokens: ClipTokens) {
        add("ids", tokens.motion)
        add("count", tokens.motion.count)
        add("source", motion.source.rawValue)
        add("coverage", motion.coverage, digits: 4)
        add("q", tokens.motionQuantizer)
        add("fps", motion.framesPerSecond, digits: 3)
        add("ref_ambiguous", motion.isReferenceAmbiguous)
    }

    fileprivate mutating func describe(_ quality: ClipQuality) {
        add("corrupt_frames", quality.corruptFrames)
        add("missing_frames", quality.missingFrames)
        add("interpolated_pts", quality.interpolatedTimes)
        add("discontinuity", quality.isDiscontinuous)
    }
}
