internal import Events
internal import Media
internal import Subtitles
internal import Synchronization

/// Turns captions into subtitles in a file, on standard output or in a folder. Any thread; a live source is not held up by a slow reader.
final class SubtitleWriter: Sendable {
    private struct State {
        var track: any SubtitleTrack
        /// Of a live source, the UTC of time zero; nil until it is known.
        var zero: UTC?
        /// The time reached.
        var now = MediaTime.zero
        var hasEnded = false
    }

    /// A file is read faster than it plays, and its captions may come late and be replaced: cues are given out so long after their time.
    private static let delayOfFiles = MediaTime(seconds: 60)

    private let isLive: Bool
    private let state: Mutex<State>
    private let ending: Ending
    private let abandonFile: @Sendable () -> Void

    /// Makes what is written to.
    /// - Throws: `FileOutput.Failure`.
    init(_ request: SubtitleRequest, isLive: Bool) throws {
        self.isLive = isLive
        let ending = Ending()
        self.ending = ending
        let delay = isLive ? MediaTime(seconds: Double(request.delay ?? 0)) : Self.delayOfFiles
        let timing = isLive && (request.delay ?? 0) == 0 ? CueSchedule.Timing.told : .event
        switch request.destination {
        case .file(let path, let format):
            let track = try SubtitleFileTrack(
                path: path, format: format.text, timing: timing, delay: delay, isLive: isLive,
                onClose: { ending.end($0) })
            abandonFile = { track.abandon() }
            state = Mutex(State(track: track))
        case .folder(let path, let segments):
            let plan = SegmentedSubtitles.Plan(segments, delay: delay, start: isLive ? UTC.now() : nil)
            let folder = try SubtitleFolder(path: path, name: plan.name)
            if let master = segments.master { try folder.write(master.text, "\(plan.name).master.m3u8") }
            folder.clear(before: plan.firstSequence - 2 * (plan.window ?? 0))
            let track = SubtitleFolderTrack(SegmentedSubtitles(plan, timing: timing), folder: folder)
            abandonFile = {}
            state = Mutex(State(track: track, zero: plan.zero))
        }
    }

    /// Of a live source: cues count from now, unless they do already.
    func begin() {
        state.withLock { state in
            guard isLive, state.zero == nil else { return }
            let zero = UTC.now()
            state.zero = zero
            state.track.note("00:00:00.000 is \(zero.rfc3339)")
        }
    }

    /// Takes the `data` of a `caption.final`.
    func take(_ data: JSONValue) {
        guard let caption = SubtitleCaption(data) else { return }
        begin()
        update { state throws(FileOutput.Failure) in
            if let now = Self.sinceZero(.now(), state) { state.now = max(state.now, now) }
            state.track.add(Self.timed(caption, state))
            try state.track.advance(to: state.now)
        }
    }

    /// A file has been read up to a time. May block while the reader is slow.
    func note(_ position: MediaTime) {
        update { state throws(FileOutput.Failure) in
            state.now = max(state.now, position)
            try state.track.advance(to: state.now)
        }
    }

    /// Time passes. Of a live source this is to be called a few times a second.
    func tick() {
        update { state throws(FileOutput.Failure) in
            guard let now = Self.sinceZero(.now(), state) else { return }
            state.now = max(state.now, now)
            try state.track.advance(to: state.now)
        }
    }

    /// Writes what is left, however long the reader takes. Blocks.
    func finish() {
        update { state throws(FileOutput.Failure) in
            state.hasEnded = true
            try state.track.finish(at: state.now)
        }
        let omitted = state.withLock { $0.track.omitted }
        if omitted > 0 {
            printError(
                "videowire: captions came faster than they can be read; \(omitted) were left out, or a part of them")
        }
    }

    /// Gives up on a reader that does not read.
    func abandon() {
        abandonFile()
    }

    /// Returns when nothing more can be written, or the task is cancelled.
    func untilClosed() async {
        await ending.wait()
    }

    /// - Throws: why it could not be written; a reader that has gone is no error.
    func check() throws {
        if let failure = ending.failure { throw failure }
    }

    private func update(_ change: (inout State) throws(FileOutput.Failure) -> Void) {
        state.withLock { state in
            guard !state.hasEnded, !ending.isOver else { return }
            do throws(FileOutput.Failure) {
                try change(&state)
            } catch {
                ending.end(error)
            }
        }
    }

    /// Nil for files.
    private static func sinceZero(_ time: UTC, _ state: State) -> MediaTime? {
        guard let zero = state.zero else { return nil }
        let (difference, isTooFar) = time.nanoseconds.subtractingReportingOverflow(zero.nanoseconds)
        return isTooFar ? nil : MediaTime(nanoseconds: difference)
    }

    private static func timed(_ caption: SubtitleCaption, _ state: State) -> TimedCaption {
        var span = caption.media
        if state.zero != nil {
            let captured = caption.capture.flatMap { span in
                sinceZero(span.lowerBound, state).flatMap { start in
                    sinceZero(span.upperBound, state).map { start...max(start, $0) }
                }
            }
            span = captured ?? state.now...state.now
        }
        return TimedCaption(
            id: caption.id, replaces: caption.replaces, text: caption.text, start: max(span.lowerBound, .zero),
            end: max(span.upperBound, .zero), told: state.now)
    }
}

/// Whether and why nothing more can be written.
private final class Ending: Sendable {
    private let result = Mutex<FileOutput.Failure??>(nil)
    private let closed: AsyncStream<Void>
    private let close: AsyncStream<Void>.Continuation

    init() {
        (closed, close) = AsyncStream.makeStream(of: Void.self)
    }

    /// - Parameter failure: nil: the reader has gone.
    func end(_ failure: FileOutput.Failure?) {
        result.withLock { if $0 == nil { $0 = .some(failure) } }
        close.finish()
    }

    var isOver: Bool { result.withLock { $0 != nil } }

    var failure: FileOutput.Failure? {
        guard let failure = result.withLock({ $0 ?? nil }) else { return nil }
        if case .closed = failure { return nil }
        return failure
    }

    func wait() async {
        for await _ in closed {}
    }
}

extension SegmentedSubtitles.Plan {
    /// - Parameter start: of a live source, now: time zero is the segment's boundary before it. Segments are numbered from 1970 on, so that a run
    ///   goes on with the numbers of the last one.
    fileprivate init(_ request: SubtitleRequest.Segments, delay: MediaTime, start: UTC?) {
        self.init()
        name = request.name
        self.delay = delay
        segment = MediaTime(seconds: Double(request.seconds))
        transportTime = request.transportTime
        guard let start else { return }
        window = request.window ?? 10
        firstSequence = Int(start.nanoseconds / 1_000_000_000) / request.seconds
        let seconds = Int64(firstSequence * request.seconds)
        zero = UTC(nanoseconds: seconds * 1_000_000_000)
        transportTime += seconds * MediaTime.unitsPerSecond
    }
}

extension SubtitleRequest.Segments {
    /// Nil where no video is named.
    fileprivate var master: MasterPlaylist? {
        video.map { MasterPlaylist(video: $0, captions: "\(name).m3u8", language: language, title: title) }
    }
}
