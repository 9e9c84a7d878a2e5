/// What is done about a server's complaints, and what is remembered of them: one per server, shared by all streams. Pure.
///
/// - No room: half the pictures (8 → 4 → 2 → 1), then smaller ones (768 → 512 → 384); the size that works is kept.
/// - A limit, a kind of part or a field that it does not know: kept to from then on.
/// - Busy, slow, unreachable, broken: nobody asks before a time that doubles from 0.5 s to 8 s, or that the server named.
/// - A key that is refused: nobody asks again.
package struct ChatRecovery: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Verdict: Sendable, Hashable {
        /// Send the same request again, as the next plan allows.
        case again(ChatNotice?)
        /// Send once more, with the newest pictures.
        case againWithNewest
        case failed(ChatFailure)
    }

    static let sides = [768, 512, 384]
    static let firstDelay = Duration.milliseconds(500)
    static let longestDelay = Duration.seconds(8)
    /// A model that is not there will not be there in eight seconds either.
    static let wrongModelDelay = Duration.seconds(60)

    /// What errors call the server.
    private let place: String
    private let model: String?
    private var plan: ChatPlan
    private var resumesAt: Instant?
    /// Why nobody may ask now.
    private var lastFailure: ChatFailure?

    package init(place: String, model: String?, pictures: Int, longSide: Int, hasVideo: Bool) {
        (self.place, self.model) = (place, model)
        plan = ChatPlan(pictures: pictures, longSide: longSide, hasVideo: hasVideo)
    }

    /// What the next request may hold.
    ///
    /// - Throws: where nobody may ask now.
    package func plan(at now: Instant) throws(ChatFailure) -> ChatPlan {
        if let lastFailure {
            if lastFailure.isPermanent { throw lastFailure }
            if let resumesAt, now < resumesAt {
                throw ChatFailure(.busy, "not asked: \(lastFailure.description)", retryAt: resumesAt)
            }
        }
        return plan
    }

    /// The server has said itself that its model takes no pictures.
    package mutating func takesNoPictures() {
        plan.hasPictures = false
    }

    package mutating func leaveOut(_ fields: Set<OptionalField>) {
        plan.omitted.formUnion(fields)
    }

    package mutating func succeeded() {
        plan.failures = 0
        (resumesAt, lastFailure) = (nil, nil)
    }

    /// - Parameters:
    ///   - used: the plan of the request.
    ///   - pictures: how many pictures it had.
    ///   - jitter: a random number in 0..<1.
    package mutating func failed(
        _ complaint: ChatComplaint, used: ChatPlan, pictures: Int, partial: String = "", now: Instant, jitter: Double
    ) -> Verdict {
        switch complaint {
        case .contextOverflow where used.hasVideo, .bodyTooLarge where used.hasVideo:
            learn(\.hasVideo, false, .noRoomForVideo)
        case .contextOverflow: shrink(used, pictures: pictures, onlyPixels: false, now: now, jitter: jitter)
        case .pictureTooLarge: shrink(used, pictures: pictures, onlyPixels: true, now: now, jitter: jitter)
        case .bodyTooLarge: shrink(used, pictures: pictures, onlyPixels: false, now: now, jitter: jitter)
        case .tooManyPictures(let allowed) where allowed < pictures: clamp(to: allowed)
        case .picturesUnsupported where pictures > 0: learn(\.hasPictures, false, .withoutPictures)
        case .videoUnsupported where used.hasVideo: learn(\.hasVideo, false, .withoutVideo)
        // Servers fail in words of their own where a model takes no video; one failure may have another cause.
        case .refused where used.hasVideo, .unavailable where used.hasVideo && used.failures > 0:
            learn(\.hasVideo, false, .withoutVideo)
        case .fieldRefused(let field) where !used.omitted.contains(field):
            .again(plan.omitted.insert(field).inserted ? .without(field) : nil)
        case .cut where used.failures == 0 && plan.failures == 0: cutOnce()
        case .unauthorized(let status): stop(status)
        default: backOff(complaint, used: used, partial: partial, now: now, jitter: jitter)
        }
    }

    /// The first of several cuts in a row is not held against the server.
    private mutating func cutOnce() -> Verdict {
        plan.failures = 1
        return .againWithNewest
    }

    private mutating func learn(
        _ part: WritableKeyPath<ChatPlan, Bool>, _ value: Bool, _ notice: ChatNotice
    ) -> Verdict {
        defer { plan[keyPath: part] = value }
        return .again(plan[keyPath: part] == value ? nil : notice)
    }

    private mutating func clamp(to allowed: Int) -> Verdict {
        guard allowed < plan.pictures else { return .again(nil) }
        plan.pictures = allowed
        return .again(.smaller(pictures: allowed, longSide: plan.longSide))
    }

    /// Smaller than the request that did not fit; another request may have taught the same meanwhile.
    private mutating func shrink(
        _ used: ChatPlan, pictures: Int, onlyPixels: Bool, now: Instant, jitter: Double
    ) -> Verdict {
        var smaller = plan
        if pictures > 1, !onlyPixels {
            smaller.pictures = min(plan.pictures, pictures / 2)
        } else if pictures > 0, let side = Self.sides.first(where: { $0 < used.longSide }) {
            smaller.longSide = min(plan.longSide, side)
        } else {
            return backOff(.contextOverflow, used: used, partial: "", now: now, jitter: jitter)
        }
        defer { plan = smaller }
        guard smaller != plan else { return .again(nil) }
        return .again(.smaller(pictures: smaller.pictures, longSide: smaller.longSide))
    }

    private mutating func stop(_ status: Int) -> Verdict {
        let failure = ChatFailure(
            .unauthorized,
            "\(place) refuses the key (\(status)). Correct the key, or give one, and reload: it is not tried again before.",
            isPermanent: true)
        lastFailure = failure
        return .failed(failure)
    }

    private mutating func backOff(
        _ complaint: ChatComplaint, used: ChatPlan, partial: String, now: Instant, jitter: Double
    ) -> Verdict {
        // Requests that were under way together fail together: that counts once.
        if used.failures == plan.failures { plan.failures += 1 }
        var delay = Self.longestDelay
        if plan.failures <= 5 { delay = min(delay, Self.firstDelay * (1 << (plan.failures - 1))) }
        delay = delay * (0.5 + 0.5 * jitter)
        if case .wrongModel = complaint { delay = Self.wrongModelDelay }
        // Never earlier than the server said; a little later, so that not all of its clients come back at once.
        if case .busy(_, let named?) = complaint { delay = max(delay, named + Self.firstDelay * jitter) }
        let time = max(resumesAt ?? now, now + delay)
        resumesAt = time
        var failure = failure(complaint)
        failure.retryAt = time
        failure.partial = partial
        lastFailure = failure
        return .failed(failure)
    }

    private func failure(_ complaint: ChatComplaint) -> ChatFailure {
        let name = model.map { "\"\($0)\"" } ?? "the model"
        return switch complaint {
        case .contextOverflow, .pictureTooLarge, .bodyTooLarge:
            ChatFailure(
                .tooLarge,
                "\(place) has no room for even the smallest request. Give the server a longer context, or make the prompt shorter."
            )
        case .tooManyPictures(let allowed):
            ChatFailure(.refused, "\(place) takes at most \(allowed) pictures, and got fewer. See the server's log.")
        case .picturesUnsupported, .videoUnsupported:
            ChatFailure(
                .textOnly, "\(place): \(name) takes no pictures. Name a vision-language model, or load its projector.")
        case .wrongModel:
            ChatFailure(.wrongModel, "\(place) has no model \(name). Name one that it has.")
        case .unauthorized(let status): ChatFailure(.unauthorized, "\(place) refuses the key (\(status)). Correct it.")
        case .busy(let status, _):
            ChatFailure(
                .busy,
                "\(place) is busy (\(status)). Nothing to do if it passes; else fewer streams, or a lower budget.")
        case .unavailable(let status):
            ChatFailure(.unreachable, "\(place) has an error of its own (\(status)). See the server's log.")
        case .redirected(let target):
            ChatFailure(
                .redirected,
                "\(place) sends to \(target ?? "another address"), which is not followed. Name the server's own address."
            )
        case .refused(let status, let message):
            ChatFailure(.refused, "\(place) refuses the request (\(status)): \(message). \(Self.advice(status))")
        case .unreachable(let why):
            ChatFailure(.unreachable, "\(place): \(why). Start the server, or check the address and the network.")
        case .timedOut(let stage):
            ChatFailure(
                stage == .connection ? .unreachable : .slow,
                "\(place): waited too long for \(stage.rawValue). A smaller model, fewer pictures or longer limits help."
            )
        case .cut: ChatFailure(.cut, "\(place) broke off its answer. See the server's log.")
        case .failedWhileAnswering(let words):
            ChatFailure(.failedWhileAnswering, "\(place) failed while it answered: \(words). See the server's log.")
        case .malformed(let what):
            ChatFailure(.malformed, "\(place) does not answer as chat completions do: \(what). Check the address.")
        case .empty: ChatFailure(.empty, "\(place) answered without a word. Its context may be too small; see its log.")
        case .onlyThinking:
            ChatFailure(
                .onlyThinking,
                "\(place): \(name) spends all its tokens thinking. Turn thinking off at the server, or raise max_tokens."
            )
        case .fieldRefused(let field):
            ChatFailure(.refused, "\(place) refuses the field \(field.rawValue). Take it out of the configuration.")
        }
    }

    private static func advice(_ status: Int) -> String {
        status == 404 || status == 405
            ? "Check the address: it ends in front of /chat/completions." : "See the server's log."
    }
}
