internal import Media
internal import Subtitles

/// Takes captions on one time line, and writes them as subtitles.
protocol SubtitleTrack: Sendable {
    /// Takes a caption, in the order of telling.
    mutating func add(_ caption: TimedCaption)
    /// Writes what is due at a time.
    mutating func advance(to now: MediaTime) throws(FileOutput.Failure)
    /// Writes all that is left; more will not come.
    mutating func finish(at now: MediaTime) throws(FileOutput.Failure)
    /// A comment, where the format has any.
    mutating func note(_ text: String)
    /// Captions of which something was left out, because newer ones came faster than they can be read.
    var omitted: Int { get }
}

/// One file that grows by whole cues.
struct SubtitleFileTrack: SubtitleTrack {
    private let path: String?
    private let format: SubtitleFormat
    private let lines: LineWriter
    private let delay: MediaTime
    private var schedule: CueSchedule
    private var written: UInt64 = 0
    private var hasBegun = false

    /// Of a camera what a file held before goes at once; of a video file, when its first pictures have been read.
    ///
    /// - Parameters:
    ///   - path: nil for standard output.
    ///   - isLive: a slow reader loses the oldest cues; otherwise it holds the caller back.
    ///   - onClose: called once when no more can be written: nil when the reader has gone.
    init(
        path: String?, format: SubtitleFormat, timing: CueSchedule.Timing, delay: MediaTime, isLive: Bool,
        onClose: @escaping @Sendable (FileOutput.Failure?) -> Void
    ) throws(FileOutput.Failure) {
        self.format = format
        self.delay = delay
        schedule = CueSchedule(timing: timing)
        self.path = path
        let output: FileOutput = if let path { try FileOutput(path: path, isEmptied: false) } else { FileOutput() }
        lines = LineWriter(
            output: output, overflow: isLive ? .dropOldest : .wait,
            // The writer ends each line.
            render: { $0.isEmpty ? nil : String($0.dropLast()) },
            announceLoss: { format.note("The reader was slow: cues \($0) to \($1) were left out.") }, onClose: onClose)
        if isLive { begin() }
    }

    private mutating func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        if let path { FileOutput.empty(path: path) }
        lines.write(format.header(), sequence: 0)
    }

    var omitted: Int { schedule.omitted }

    mutating func add(_ caption: TimedCaption) {
        schedule.add(caption)
    }

    mutating func advance(to now: MediaTime) {
        begin()
        // A cue that begins now is due.
        write(schedule.commit(before: now - delay + MediaTime(units: 1)))
    }

    mutating func finish(at now: MediaTime) {
        if hasBegun { write(schedule.finish()) }
        lines.finish()
    }

    mutating func note(_ text: String) {
        begin()
        lines.write(format.note(text), sequence: written)
    }

    /// Gives up on a reader that does not read.
    func abandon() {
        lines.abandon()
    }

    private mutating func write(_ cues: [Cue]) {
        for cue in cues {
            written = UInt64(cue.number)
            lines.write(format.block(cue), sequence: written)
        }
    }
}

/// Segments and playlists for HTTP Live Streaming.
struct SubtitleFolderTrack: SubtitleTrack {
    private let folder: SubtitleFolder
    private var segments: SegmentedSubtitles

    init(_ segments: SegmentedSubtitles, folder: SubtitleFolder) {
        self.segments = segments
        self.folder = folder
    }

    var omitted: Int { segments.omitted }

    mutating func add(_ caption: TimedCaption) {
        segments.add(caption)
    }

    mutating func advance(to now: MediaTime) throws(FileOutput.Failure) {
        try folder.apply(segments.advance(to: now))
    }

    mutating func finish(at now: MediaTime) throws(FileOutput.Failure) {
        try folder.apply(segments.finish(at: now))
    }

    func note(_ text: String) {}
}
