internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// One request and its answer, on one connection, within the limits.
struct ChatExchange: Sendable {
    let http: HTTPClient
    let server: ChatServer
    /// Until the first token.
    let patience: Duration

    /// Sends a request for a completion.
    ///
    /// - Parameter progress: is called with all of the text that can be read by now.
    /// - Throws: `CancellationError` alone; the connection is closed then.
    func complete(
        _ body: RequestBody, progress: @escaping @Sendable (String) -> Void
    ) async throws -> (outcome: ChatStream.Outcome, firstToken: ContinuousClock.Instant?) {
        let reading = Reading(ChatStream(maximumTextBytes: server.limits.textBytes, sent: body.sent))
        let deadline = Deadline(.firstToken, in: patience)
        let request = request("POST", server.address.base + "/chat/completions", body: body.bytes)
        do {
            try await deadline.run {
                let response = try await execute(request)
                guard response.status == .ok else {
                    reading.refuse(try await complaint(response, sent: body.sent))
                    return
                }
                try await read(response, into: reading, deadline: deadline, progress: progress)
            }
        } catch {
            try Task.checkCancellation()
            reading.fail(Self.complaint(error, hasBegun: reading.hasBegun))
        }
        return reading.result()
    }

    /// Asks for a JSON object.
    ///
    /// - Throws: `CancellationError` alone.
    func get(_ url: String, post body: JSONField? = nil) async throws -> Fetched {
        let deadline = Deadline(.answer, in: server.limits.firstToken)
        let request = request(body == nil ? "GET" : "POST", url, body: try body?.encoded())
        do {
            return try await deadline.run {
                let response = try await execute(request)
                guard response.status == .ok else { return .failed(try await complaint(response, sent: [])) }
                guard let bytes = try await all(of: response, limit: 2 * server.limits.responseBytes),
                    let json = JSONField(bytes)
                else {
                    return .failed(.malformed("no JSON came from \(url)"))
                }
                return .found(json)
            }
        } catch {
            try Task.checkCancellation()
            return .failed(Self.complaint(error, hasBegun: false))
        }
    }

    enum Fetched: Sendable {
        case found(JSONField)
        case failed(ChatComplaint)
    }

    /// A kept connection that the server closes at this moment looks like a server that breaks off: tried on another one, once.
    private func execute(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        do {
            return try await http.execute(request, deadline: .distantFuture)
        } catch  where Self.isClosedConnection(error) {
            return try await http.execute(request, deadline: .distantFuture)
        }
    }

    private static func isClosedConnection(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError: error == .remoteConnectionClosed
        case let error as ChannelError: error == .ioOnClosedChannel || error == .alreadyClosed
        case let error as IOError: error.errnoCode == ECONNRESET || error.errnoCode == EPIPE
        default: false
        }
    }

    private func request(_ method: String, _ url: String, body: [UInt8]?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "Accept", value: "text/event-stream, application/json")
        request.headers.add(name: "User-Agent", value: "videowire")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        if let key = server.key { request.headers.add(name: "Authorization", value: key.authorization) }
        for (name, value) in server.headers { request.headers.replaceOrAdd(name: name, value: value) }
        return request
    }

    private func read(
        _ response: HTTPClientResponse, into reading: Reading, deadline: Deadline,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        var count = 0
        for try await buffer in response.body {
            count += buffer.readableBytes
            guard count <= server.limits.responseBytes else {
                reading.refuse(.malformed("the answer is longer than \(server.limits.responseBytes) bytes"))
                return
            }
            for step in reading.take(buffer.readableBytesView) {
                switch step {
                case .nothing: continue
                case .token: break
                case .text(let text): progress(text)
                }
                deadline.extend(.nextToken, by: server.limits.betweenTokens, atMost: server.limits.answer)
            }
            if reading.isUnusable { return }
            // All is said. What ends the response is awaited for a moment, so that the connection can be used again.
            if reading.isDone { deadline.extend(.nextToken, by: Deadline.interval, atMost: server.limits.answer) }
        }
        for case .text(let text) in reading.end() { progress(text) }
    }

    /// What a response other than 200 means.
    private func complaint(_ response: HTTPClientResponse, sent: Set<OptionalField>) async throws -> ChatComplaint {
        let status = Int(response.status.code)
        if (300..<400).contains(status) {
            let target = response.headers.first(name: "Location").flatMap { URLComponents(string: $0)?.host }
            return .redirected(to: target)
        }
        let retryAfter = response.headers.first(name: "Retry-After").flatMap { RetryAfter.duration($0, now: Date()) }
        // A server that does not end its refusal has refused all the same.
        let body = try await all(of: response, limit: 64 * 1024, isCutOff: true) ?? []
        return ServerError(body: body).complaint(status: status, retryAfter: retryAfter, sent: sent)
    }

    /// - Parameter isCutOff: what is over the limit is not read; else there is nothing where there is too much.
    private func all(of response: HTTPClientResponse, limit: Int, isCutOff: Bool = false) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        for try await buffer in response.body {
            bytes += buffer.readableBytesView
            if bytes.count > limit { return isCutOff ? Array(bytes.prefix(limit)) : nil }
        }
        return bytes
    }

    private static func complaint(_ error: any Error, hasBegun: Bool) -> ChatComplaint {
        switch error {
        case let passed as Deadline.Passed: return .timedOut(passed.stage)
        case let tooLong as ServerSentEventParser.TooLong:
            return .malformed("a line is longer than \(tooLong.maximumBytes) bytes")
        case let error as HTTPClientError where error == .connectTimeout || error == .tlsHandshakeTimeout:
            return .timedOut(.connection)
        case _ where isClosedConnection(error): return .cut
        case let error as HTTPParserError where error == .invalidEOFState: return .cut
        case let error as HTTPParserError: return .malformed("its HTTP cannot be read (\(error))")
        case let error as NIOConnectionError:
            return .unreachable(
                error.connectionErrors.lazy.compactMap { ($0.error as? IOError).map(words) }.first ?? "no such host")
        case let error as IOError: return hasBegun ? .cut : .unreachable(words(error))
        default: return hasBegun ? .cut : .unreachable("\(error)")
        }
    }

    private static func words(_ error: IOError) -> String {
        String(cString: strerror(error.errnoCode))
    }
}

/// What has been read of an answer: kept here so that it is there also when the reader was stopped.
private final class Reading: Sendable {
    private struct State {
        var parser = ServerSentEventParser()
        var stream: ChatStream
        /// Nil until it is known whether the answer is an event stream.
        var isEvents: Bool?
        var body: [UInt8] = []
        var firstToken: ContinuousClock.Instant?
        var hasBegun = false
        var hasEnded = false
        var complaint: ChatComplaint?
    }

    private let state: Mutex<State>

    init(_ stream: ChatStream) {
        state = Mutex(State(stream: stream))
    }

    var isDone: Bool { state.withLock { $0.stream.isDone } }
    /// Nothing that may still come matters.
    var isUnusable: Bool { state.withLock { $0.complaint != nil || $0.stream.isOverlong } }
    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    func refuse(_ complaint: ChatComplaint) {
        state.withLock { $0.complaint = complaint }
    }

    /// The reader has failed; what it had found out before stays.
    func fail(_ complaint: ChatComplaint) {
        state.withLock { state in
            if state.complaint == nil, !state.stream.isDone { state.complaint = complaint }
        }
    }

    func take(_ bytes: ByteBufferView) -> [ChatStream.Step] {
        state.withLock { state in
            state.hasBegun = true
            if state.isEvents == nil {
                // A JSON object, or a page, instead of an event stream: the first character tells, whatever the header says.
                let first = bytes.first { $0 > 0x20 }
                if let first { state.isEvents = first != UInt8(ascii: "{") && first != UInt8(ascii: "<") }
            }
            guard state.isEvents != false else {
                state.body += bytes
                return []
            }
            do throws(ServerSentEventParser.TooLong) {
                return steps(try state.parser.parse(bytes), &state)
            } catch {
                state.complaint = .malformed("a line is longer than \(error.maximumBytes) bytes")
                return []
            }
        }
    }

    /// The response has ended as HTTP says it should.
    func end() -> [ChatStream.Step] {
        state.withLock { state in
            state.hasEnded = true
            guard state.isEvents == false else {
                do throws(ServerSentEventParser.TooLong) {
                    return steps(try state.parser.finish().map { [$0] } ?? [], &state)
                } catch {
                    state.complaint = .malformed("an event is longer than \(error.maximumBytes) bytes")
                    return []
                }
            }
            let step = state.stream.handle(whole: state.body)
            note([step], &state)
            return [step]
        }
    }

    func result() -> (outcome: ChatStream.Outcome, firstToken: ContinuousClock.Instant?) {
        state.withLock { state in
            let outcome = state.stream.end(isCut: !state.hasEnded)
            if let complaint = state.complaint {
                return (.failed(complaint, partial: state.stream.partial), state.firstToken)
            }
            return (outcome, state.firstToken)
        }
    }

    private func steps(_ events: [ServerSentEvent], _ state: inout State) -> [ChatStream.Step] {
        let steps = events.map { state.stream.handle($0) }
        note(steps, &state)
        return steps
    }

    private func note(_ steps: [ChatStream.Step], _ state: inout State) {
        if state.firstToken == nil, steps.contains(where: { $0 != .nothing }) { state.firstToken = .now }
    }
}
