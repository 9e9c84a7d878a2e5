internal import CGStreamer
internal import Media
internal import Synchronization

/// Pours a source into the appsrc of a test camera's pipeline: coded pictures with the time stamps that RTP is to
/// carry.
final class CameraFeeder: Sendable {
    private let source: SourceLocation
    private let repeats: Bool
    private let pace: TestCamera.Pace
    private let isStopped = Atomic(false)

    /// `repeats`: from the end on again from the start, with time stamps that go on rising.
    init(source: SourceLocation, repeats: Bool, pace: TestCamera.Pace) {
        self.source = source
        self.repeats = repeats
        self.pace = pace
    }

    /// The server's sinks keep the pace by the time stamps; otherwise they must not.
    var isRealTime: Bool { pace == .realTime }

    var isOver: Bool { isStopped.load(ordering: .relaxed) }

    /// What the source's first picture is coded with.
    static func format(of source: SourceLocation) throws(SourceError) -> VideoFormat {
        let reading = try Reading(source)
        defer { reading.close() }
        while let item = reading.next() {
            if case .format(let format) = item { return format }
        }
        throw reading.failure ?? SourceError(.noVideoStream, "\(source) holds no picture to decode from.")
    }

    /// Feeds until the source or the appsrc has ended. Takes over one reference to `sink`.
    func start(into sink: UnsafeMutablePointer<GstAppSrc>) {
        nonisolated(unsafe) let sink = sink
        detachThread { [self] in
            var clock = FeederClock(pace: pace)
            repeat {
                guard let reading = try? Reading(source), feed(reading, into: sink, clock: &clock) else { break }
            } while repeats && clock.restart()
            stop()
            gst_app_src_end_of_stream(sink)
            gst_object_unref(sink)
        }
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// False when nobody takes the pictures any more.
    private func feed(
        _ reading: Reading, into sink: UnsafeMutablePointer<GstAppSrc>, clock: inout FeederClock
    ) -> Bool {
        defer { reading.close() }
        while let item = reading.next() {
            guard case .unit(let unit) = item else { continue }
            let time = clock.time(of: unit.pts)
            // Shown before the first picture of all: what it refers to was not sent, and no time stamp is below zero.
            guard time >= .zero else { continue }
            guard clock.wait(for: time, unless: isStopped), push(unit, at: time, into: sink) else { return false }
        }
        return true
    }

    private func push(_ unit: AccessUnit, at time: MediaTime, into sink: UnsafeMutablePointer<GstAppSrc>) -> Bool {
        guard let buffer = gst_buffer_new_memdup(unit.bytes, gsize(unit.bytes.count)) else { return false }
        buffer.pointee.pts = GstClockTime(time.nanosecondsRoundedUp)
        return gst_app_src_push_buffer(sink, buffer) == GST_FLOW_OK
    }

    /// One reading of a source on the calling thread.
    private final class Reading: Sendable {
        private let feed: CaptureFeed
        private let pipeline: CapturePipeline
        private let error: ErrorBox

        private final class ErrorBox: Sendable { let value = Mutex<SourceError?>(nil) }

        init(_ source: SourceLocation) throws(SourceError) {
            let feed = CaptureFeed(options: CaptureOptions(maximumQueuedUnits: 16), isLossless: true)
            let error = ErrorBox()
            pipeline = try CapturePipeline(
                source, options: CaptureOptions(), feed: feed, session: feed.begin()
            ) { event in
                switch event {
                case .picture: return
                case .failed(let failure): error.value.withLock { $0 = $0 ?? failure }
                case .ended: break
                }
                feed.finish()
            }
            self.feed = feed
            self.error = error
            pipeline.play()
        }

        var failure: SourceError? { error.value.withLock { $0 } }

        func next() -> CaptureItem? { feed.next() }

        func close() {
            feed.finish()
            pipeline.close()
        }
    }
}

/// Turns the source's times into those of the stream, and tells when they are due.
struct FeederClock {
    /// Times real time; nil: at once.
    private let speed: Double?
    private let start = ContinuousClock.now
    private var first: MediaTime?
    private var offset = MediaTime.zero
    private var newest = MediaTime.zero
    private var pictures: Int64 = 0

    init(pace: TestCamera.Pace) {
        speed = if case .times(let speed) = pace { speed } else { nil }
    }

    mutating func time(of pts: MediaTime) -> MediaTime {
        if first == nil {
            first = pts
            // What an edit list hides lies before zero, where no time stamp can be.
            offset = max(.zero, .zero - pts)
        }
        pictures += 1
        let time = pts + offset
        newest = max(newest, time)
        return time
    }

    /// Begins the next round one mean picture distance after the newest picture; false where there was none.
    mutating func restart() -> Bool {
        guard let first, pictures > 1 else { return false }
        let span = newest - (first + offset)
        offset = newest + MediaTime(units: span.units / (pictures - 1)) - first
        pictures = 0
        return true
    }

    /// Sleeps until the picture is due; false when stopped meanwhile.
    func wait(for time: MediaTime, unless isStopped: borrowing Atomic<Bool>) -> Bool {
        guard let speed else { return !isStopped.load(ordering: .relaxed) }
        let due = start + .seconds(time.seconds / speed)
        while !isStopped.load(ordering: .relaxed) {
            let rest = due - .now
            guard rest > .zero else { return true }
            sleepThread(min(rest, .milliseconds(100)))
        }
        return false
    }
}

extension MediaTime {
    /// The first nanosecond that RTP payloaders, which round down, turn into this count of 1/90 000 s again.
    var nanosecondsRoundedUp: Int64 {
        let (quotient, remainder) = units.quotientAndRemainder(dividingBy: 9)
        return quotient * 100_000 + (remainder * 100_000 + 8) / 9
    }
}
