internal import Dispatch
internal import Events
internal import Media
internal import ServiceLifecycle
internal import Synchronization

/// Numbers a one-shot run's events and writes them to standard output.
final class EventPrinter: Sendable {
    private let numbering: Mutex<EventNumbering>
    private let progress: ProgressLine?
    private let writer: LineWriter
    private let closed: AsyncStream<Void>
    private let failure: Failure

    /// - Parameters:
    ///   - json: lines as they are; otherwise lines for people.
    ///   - isFile: a slow reader holds the caller of `print` back, and progress is shown on standard error; otherwise
    ///     the oldest lines are dropped, and told.
    init(json: Bool, isFile: Bool) {
        let numbering = EventNumbering()
        let progress = isFile && standardErrorIsTerminal() ? ProgressLine() : nil
        let printer = PrettyPrinter(usesColour: standardOutputIsTerminal(), showsStream: false)
        let (closed, close) = AsyncStream.makeStream(of: Void.self)
        let failure = Failure()
        writer = LineWriter(
            output: FileOutput(), overflow: isFile ? .wait : .dropOldest,
            render: { line in
                progress?.clear()
                return json ? line : printer.render(line)
            },
            announceLoss: { numbering.lossLine($0...$1, cause: .slowConsumer) },
            onClose: { error in
                failure.set(error)
                close.finish()
            })
        self.numbering = Mutex(numbering)
        self.progress = progress
        self.closed = closed
        self.failure = failure
    }

    /// Numbers and queues an event. May block while the reader is slow.
    func print(_ event: Event) {
        // Queued under the lock: several threads publish, and lines stand in the order of their numbers.
        numbering.withLock { numbering in
            let isNumbered = event.name.isDurable
            let line = isNumbered ? numbering.line(for: event) : numbering.unnumberedLine(for: event)
            writer.write(line, sequence: numbering.newest)
        }
    }

    /// Shows how far a file is.
    func note(_ position: MediaTime) {
        progress?.note(position)
    }

    /// Returns when nothing more can be written, or the task is cancelled.
    func untilClosed() async {
        for await _ in closed {}
    }

    /// Does a source's work and writes what is left of its events, however long the reader takes. Once the group is asked to
    /// stop, a reader that does not read holds it up for two more seconds only.
    func withEvents(of work: () async throws -> Void) async throws {
        try await withGracefulShutdownHandler {
            let result: Result<Void, any Error>
            do {
                result = .success(try await work())
            } catch {
                result = .failure(error)
            }
            await onOwnThread("vw-output") { [writer] in writer.finish() }
            progress?.clear()
            try result.get()
        } onGracefulShutdown: { [writer] in
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(2)) { writer.abandon() }
        }
    }

    /// - Throws: why standard output could not be written; a reader that has gone is no error.
    func check() throws {
        if let error = failure.get() { throw error }
    }
}

private final class Failure: Sendable {
    private let error = Mutex<FileOutput.Failure?>(nil)

    func set(_ error: FileOutput.Failure?) { self.error.withLock { $0 = error } }
    func get() -> FileOutput.Failure? { error.withLock { $0 } }
}
