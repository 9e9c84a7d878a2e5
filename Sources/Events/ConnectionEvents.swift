internal import Media

/// Events that belong to one connection.
extension Event {
    /// `hello`: the first line of a connection.
    static func hello(newest: UInt64, oldest: UInt64, server: String, streams: [StreamStatus]) -> Event {
        Event(.hello) { data in
            data.add("seq", EventNumbering.digits(newest))
            data.add("oldest_seq", EventNumbering.digits(oldest))
            data.add("server", server)
            data.add("protocol", 1)
            data.add("features", json: #"["filter","resume","utc","ask"]"#)
            data.add("max_line_bytes", EventHub.maximumLineBytes)
            data.add("max_request_bytes", EventServer.maximumRequestBytes)
            data.add("streams", streams.map(JSONObject.init(described:)))
        }
    }

    /// `heartbeat`: everything up to `sequence` that matches has been sent on this connection.
    static func heartbeat(sequence: UInt64?, newest: UInt64, streams: [StreamStatus]) -> Event {
        Event(.heartbeat) { data in
            data.add("seq", sequence.map(EventNumbering.digits))
            data.add("newest_seq", EventNumbering.digits(newest))
            data.add("streams", streams.map(JSONObject.init(state:)))
        }
    }

    /// `error`: something is wrong with a request or with the connection.
    static func failure(_ code: String, _ message: String, field: String? = nil) -> Event {
        Event(.error) { data in
            data.add("code", code)
            data.add("field", field)
            data.add("message", message)
        }
    }

    /// `asked`: a question was taken; its `answer` will have this id.
    static func asked(id: String) -> Event {
        Event(.asked) { $0.add("id", id) }
    }

    /// `pong`: the answer to a ping, with what it carried.
    static func pong(_ value: JSONValue) -> Event {
        Event(.pong) { $0.add("ping", json: value.text) }
    }
}

extension JSONObject {
    fileprivate init(state status: StreamStatus) {
        self.init {
            $0.add("stream", status.stream)
            $0.add("state", status.state?.rawValue)
        }
    }

    fileprivate init(described status: StreamStatus) {
        self.init(state: status)
        add("tokenizer", status.tokenizer.map(JSONObject.init))
    }

    private init(_ tokenizer: TokenizerDescription) {
        self.init {
            $0.add("id", tokenizer.id)
            $0.add("sha256", tokenizer.weightHash)
            $0.add("key_vocab", tokenizer.keyVocabulary)
            $0.add("motion_vocab", tokenizer.motionVocabulary)
            $0.add("key_grid", tokenizer.keyGrid)
            $0.add("motion_grid", tokenizer.motionGrid)
            $0.add("key_ids", tokenizer.keyIDs)
            $0.add("max_motion_ids", tokenizer.maximumMotionIDs)
            $0.add("clip_seconds", tokenizer.clipSeconds)
            $0.add("llm", tokenizer.languageVocabulary.map(JSONObject.init))
        }
    }

    private init(_ vocabulary: LanguageVocabulary) {
        self.init {
            $0.add("vocab", vocabulary.count)
            $0.add("key_markers", vocabulary.keyMarkers)
            $0.add("key_offset", vocabulary.keyOffset)
            $0.add("motion_markers", vocabulary.motionMarkers)
            $0.add("motion_offset", vocabulary.motionOffset)
        }
    }
}
