internal import Events
internal import Logging
internal import Media

/// The work of `videowire forget`.
public enum Forgetter {
    public struct Request: Sendable {
        public var stream: String
        /// See `PastTime`.
        public var from: String
        public var to: String
        /// Says what would be erased, and erases nothing.
        public var isDry: Bool
        public var log: String

        public init(stream: String, from: String, to: String, isDry: Bool, log: String) {
            self.stream = stream
            self.from = from
            self.to = to
            self.isDry = isDry
            self.log = log
        }
    }

    struct BadSpan: Error, CustomStringConvertible {
        var description: String
    }

    /// How long a running daemon is waited for.
    private static let patience = Duration.seconds(10)

    /// Erases what is kept of a stream in a span of time: events, key pictures, and what the stream remembers.
    ///
    /// - Throws: `EventLogError`, `MemoryStoreError`, or what is wrong with the request.
    public static func run(_ request: Request) async throws {
        try await onOwnThread("vw-forget") { Result { try forget(request) } }.get()
    }

    private static func forget(_ request: Request) throws {
        let now = UTC.now()
        let span = LogEraser.Span(
            stream: request.stream, from: try PastTime.parse(request.from, option: "--from", now: now),
            to: try PastTime.parse(request.to, option: "--to", now: now))
        guard span.from <= span.to else {
            throw BadSpan(description: "--from \(request.from) is later than --to \(request.to); exchange them")
        }
        let log = try LogEraser(path: request.log)
        let findings = try log.find(span)
        let folder = KeyPictureFolder(log: request.log)
        let pictures = folder.entries(of: request.stream).filter { $0.lies(in: span, clips: findings.clips) }

        let memory = MemoryEraser(besideLog: request.log, logger: .toStandardError("videowire", level: .error))
        let slots = try memory.count(stream: request.stream, from: span.from, to: span.to)

        var report = ForgetReport(events: findings.counts, pictures: pictures.count, slots: slots)
        if request.isDry { return printError("\(request.stream), \(span.words): \(report) would be erased") }
        // Asked first: a daemon does it while the log is rewritten.
        let asked = try memory.ask(stream: request.stream, from: span.from, to: span.to)
        // Pictures first: what cannot be found in the log any more could not be found by another try.
        let left = pictures.filter { !folder.remove($0, of: request.stream) && folder.has($0, of: request.stream) }
        let isPurged = findings.isEmpty ? true : try log.erase(findings, of: request.stream)
        let isForgotten = Result { try asked?.finish(within: patience) ?? true }
        if (try? isForgotten.get()) != true { report.slots = 0 }
        printError("\(request.stream), \(span.words): \(report) erased")
        if try !isForgotten.get() {
            printError(
                "videowire: the daemon has not yet erased what the stream remembers, \(slots) slots; it does so as soon as it can, or at its next start"
            )
        }
        if !isPurged {
            printError(
                "videowire: \(request.log)-wal is being read and could not be emptied: it may hold parts until the daemon's next start"
            )
        }
        guard left.isEmpty else {
            throw FileOutput.Failure.failed(
                path: folder.folder(of: request.stream),
                reason: "\(left.count) key pictures could not be erased; be a user that may write there, and try again")
        }
    }
}

/// What was found to be erased, in words.
private struct ForgetReport: CustomStringConvertible {
    var events: [String: Int]
    var pictures: Int
    /// What the stream remembers.
    var slots: Int

    var description: String {
        let parts =
            events.sorted { $0.key < $1.key }.map { "\($1) \($0)" }
            + (pictures > 0 ? ["\(pictures) key pictures"] : []) + (slots > 0 ? ["\(slots) remembered slots"] : [])
        return parts.isEmpty ? "nothing was found; nothing" : parts.joined(separator: ", ")
    }
}

extension LogEraser.Span {
    fileprivate var words: String { "\(from.rfc3339) to \(to.rfc3339)" }
}

extension KeyPictureFolder.Entry {
    /// It belongs to a clip whose events are erased, or was written in the span: the log may keep less long than the folder.
    fileprivate func lies(in span: LogEraser.Span, clips: Set<String>) -> Bool {
        let seconds = span.from.nanoseconds / 1_000_000_000...span.to.nanoseconds / 1_000_000_000
        return clips.contains("\(session)/\(clip)") || seconds.contains(Int64(time))
    }
}
