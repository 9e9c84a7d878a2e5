internal import ChatCompletions
internal import Events
internal import Media
internal import Synchronization

/// Answers questions about a stream, from what was said of it, what is remembered of it, and its newest pictures. Any thread.
final class Answerer: Sendable {
    /// Questions under way at a time.
    private static let capacity = 4
    /// Pictures that go along.
    private static let frames = 4
    /// Tokens of an answer.
    private static let maximumTokens = 300

    private let stream: String
    /// Nil: answers come from motion alone.
    private let client: ChatClient?
    private let system: String
    private let ring: FrameRing
    private let history: CaptionHistory
    private let memory: StreamMemory?
    private let publish: @Sendable (Event) -> Void
    private let underWay = Mutex(0)

    init(
        stream: String, client: ChatClient?, system: String, ring: FrameRing, history: CaptionHistory,
        memory: StreamMemory?, publish: @escaping @Sendable (Event) -> Void
    ) {
        self.stream = stream
        self.client = client
        self.system = system
        self.ring = ring
        self.history = history
        self.memory = memory
        self.publish = publish
    }

    /// Publishes the `answer` of this id when it is there; always exactly one.
    func take(_ question: String, id: String) throws(QuestionRefused) {
        let isTaken = underWay.withLock { count in
            guard count < Self.capacity else { return false }
            count += 1
            return true
        }
        guard isTaken else {
            throw QuestionRefused("\(Self.capacity) questions about \(stream) wait for their answers")
        }
        Task {
            let event = await answer(question, id: id)
            underWay.withLock { $0 -= 1 }
            publish(event)
        }
    }

    private func answer(_ question: String, id: String) async -> Event {
        guard let client else {
            return .answer(
                stream: stream, id: id, question: question, text: Self.words(of: history.recent), finish: .stop,
                model: "motion-v2")
        }
        let sent = Mutex<[MediaTime]>([])
        do {
            let result = try await client.complete(stream: "\(stream) \(id)") { [self] in
                let frames = ring.frames(count: Self.frames)
                sent.withLock { $0 = frames.map(\.pts) }
                return request(question, frames)
            }
            let times = sent.withLock { Array($0.suffix(result.pictures)) }
            let writing = CaptionWriting(
                requested: .at(result.sentAt), firstToken: result.firstTokenAt.map { .at($0) },
                done: .at(result.endedAt), frames: times, promptTokens: result.usage?.promptTokens,
                completionTokens: result.usage?.completionTokens)
            return .answer(
                stream: stream, id: id, question: question, text: result.text, finish: Caption.Finish(result.finish),
                model: result.model, spans: times.first.flatMap { first in times.last.map { first...$0 } },
                writing: writing)
        } catch {
            return .answer(
                stream: stream, id: id, question: question, text: (error as? ChatFailure)?.partial ?? "", finish: .stop,
                model: client.server.model ?? "", failure: "\(error)")
        }
    }

    private func request(_ question: String, _ frames: [Picture]) -> ChatRequest {
        var parts: [ChatRequest.Part] = []
        let past = history.recent
        if !past.isEmpty {
            let lines = past.map { "\(Self.time(of: $0)): \($0.caption.text)" }
            parts.append(.text("What was said before:\n" + lines.joined(separator: "\n")))
        }
        if let sheet = memory?.sheet {
            parts.append(.text("What is remembered of the past, small, oldest first:"))
            parts.append(
                .frame(
                    ChatFrame(seconds: nil) { longSide in
                        try await onOwnThread("vw-jpeg") { Result { try sheet.jpeg(longSide: longSide) } }.get()
                    }))
        }
        if !frames.isEmpty { parts.append(.text("The newest pictures, oldest first:")) }
        let start = frames.first?.pts ?? .zero
        parts += frames.map { .frame(ChatFrame($0, seconds: ($0.pts - start).seconds)) }
        parts.append(.text(question))
        return ChatRequest(system: system, parts: parts, maximumTokens: Self.maximumTokens)
    }

    /// All that motion can say, whatever the question.
    private static func words(of past: [CaptionHistory.Entry]) -> String {
        let note = "No model answers questions here; this is what motion has shown."
        guard !past.isEmpty else { return "\(note) Nothing was told so far." }
        return ([note] + past.suffix(8).map { "\(time(of: $0)): \($0.caption.text)" }).joined(separator: "\n")
    }

    private static func time(of entry: CaptionHistory.Entry) -> String {
        entry.utc?.rfc3339 ?? "\(MediaTime(seconds: entry.seconds).clockText)"
    }
}
