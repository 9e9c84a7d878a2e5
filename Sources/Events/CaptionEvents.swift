public import Media

extension Event {
    /// `caption.partial`: the beginning of a sentence that is being written. Belongs to connections; it is not logged.
    ///
    /// - Parameters:
    ///   - number: that of the `caption.final` to come.
    ///   - revision: counts from 1 on.
    public static func captionPartial(
        stream: String, session: Int, number: Int, revision: Int, text: String, language: String, trigger: String
    ) -> Event {
        Event(.captionPartial, stream: stream, session: session) { data in
            data.add("id", captionID(session, number))
            data.add("rev", revision)
            data.add("text", text)
            data.add("lang", language)
            data.add("trigger", trigger)
        }
    }

    /// `caption.final`: a sentence that will not change.
    ///
    /// - Parameters:
    ///   - number: counts the captions of the session; makes the caption's `id`.
    ///   - revision: one more than that of the last `caption.partial`.
    ///   - clips: first and last clip it tells of.
    public static func captionFinal(
        stream: String, session: Int, number: Int, revision: Int = 1, caption: Caption,
        clips: ClosedRange<Int>? = nil, utcStart: UTC? = nil, utcEnd: UTC? = nil
    ) -> Event {
        Event(.captionFinal, stream: stream, session: session, clip: clips?.upperBound) { data in
            data.add("id", captionID(session, number))
            data.add("rev", revision)
            data.add("kind", "visual")
            data.add("text", caption.text)
            data.add("lang", caption.language)
            data.add("pts_start_ns", caption.start.nanoseconds)
            data.add("pts_known_ns", caption.known.nanoseconds)
            data.add("pts_end_ns", caption.end.nanoseconds)
            data.add("utc_start", utcStart?.rfc3339)
            data.add("utc_end", utcEnd?.rfc3339)
            if let clips { data.add("clips", [clips.lowerBound, clips.upperBound]) }
            data.add("finish", caption.finish.rawValue)
            data.add("replaces", caption.replaces)
            data.add("trigger", caption.trigger)
            data.add("event", caption.event.map(JSONObject.init))
            data.add("grounding", caption.grounding.map(JSONObject.init))
            data.add("model", JSONObject { $0.add("id", caption.model) })
            data.add("writing", caption.writing.map(JSONObject.init))
        }
    }

    /// `caption.skipped`: a trigger that led to no caption.
    ///
    /// - Parameters:
    ///   - number: that of the `caption.partial` events there were.
    ///   - sameAs: the caption that says the same, whose end this one's would have been.
    ///   - reason: for people.
    public static func captionSkipped(
        stream: String, session: Int, trigger: String, start: MediaTime, end: MediaTime, cause: CaptionSkipCause,
        number: Int? = nil, sameAs: Int? = nil, reason: String? = nil
    ) -> Event {
        Event(.captionSkipped, stream: stream, session: session) { data in
            data.add("id", number.map { captionID(session, $0) })
            data.add("trigger", trigger)
            data.add("pts_start_ns", start.nanoseconds)
            data.add("pts_end_ns", end.nanoseconds)
            data.add("cause", cause.rawValue)
            data.add("same_as", sameAs.map { captionID(session, $0) })
            data.add("reason", reason)
        }
    }

    /// `answer`: what a captioner says to a question about a stream.
    ///
    /// - Parameter id: the one that `asked` told whoever asked.
    public static func answer(
        stream: String, id: String, question: String, text: String, finish: Caption.Finish, model: String,
        session: Int? = nil, spans: ClosedRange<MediaTime>? = nil, utcEnd: UTC? = nil, writing: CaptionWriting? = nil,
        failure: String? = nil
    ) -> Event {
        Event(.answer, stream: stream, session: session) { data in
            data.add("id", id)
            data.add("question", question)
            data.add("text", text)
            data.add("finish", failure == nil ? finish.rawValue : "failed")
            data.add("reason", failure)
            data.add("pts_start_ns", spans?.lowerBound.nanoseconds)
            data.add("pts_end_ns", spans?.upperBound.nanoseconds)
            data.add("utc_end", utcEnd?.rfc3339)
            data.add("model", JSONObject { $0.add("id", model) })
            data.add("writing", writing.map(JSONObject.init))
        }
    }

    /// As captions name each other.
    public static func captionID(_ session: Int, _ number: Int) -> String { "\(session)/cap-\(number)" }
}

extension JSONObject {
    fileprivate init(_ event: MotionEvent) {
        self.init { data in
            data.add("kind", event.kind.rawValue)
            data.add("pts_start_ns", event.start.nanoseconds)
            data.add("pts_known_ns", event.known.nanoseconds)
            if event.isUncertain { data.add("uncertain", true) }
            data.add("side", event.side?.rawValue)
            data.add("content_velocity", event.contentVelocity.map { JSONObject($0) })
            data.add("growth", event.growth, digits: 3)
            data.add("region", event.region.map { JSONObject($0) })
        }
    }

    private init(_ region: MovingRegion) {
        self.init { data in
            data.add("id", region.id)
            data.add(
                "box",
                JSONObject {
                    $0.add("x", region.box.x, digits: 3)
                    $0.add("y", region.box.y, digits: 3)
                    $0.add("width", region.box.width, digits: 3)
                    $0.add("height", region.box.height, digits: 3)
                })
            data.add("velocity", JSONObject(region.velocity))
        }
    }

    private init(_ velocity: SIMD2<Double>) {
        self.init {
            $0.add("x", velocity.x, digits: 3)
            $0.add("y", velocity.y, digits: 3)
        }
    }

    fileprivate init(_ grounding: Grounding) {
        self.init { data in
            data.add("tokens", grounding.tokens)
            data.add("resolution", grounding.resolution)
            data.add("remembered_s", grounding.seconds, digits: 3)
        }
    }

    fileprivate init(_ writing: CaptionWriting) {
        self.init { data in
            data.add("requested", writing.requested.rfc3339)
            data.add("first_token", writing.firstToken?.rfc3339)
            data.add("done", writing.done.rfc3339)
            data.add("frames_pts_ns", json: JSONValue.array(writing.frames.map { .integer($0.nanoseconds) }).text)
            data.add("prompt_tokens", writing.promptTokens)
            data.add("completion_tokens", writing.completionTokens)
        }
    }
}
