internal import Bitstream
internal import CGStreamer
internal import Glibc
internal import Media
internal import Synchronization

/// What the pipeline's appsink gives, made into units for the feed.
final class Tap: @unchecked Sendable {  // all but `pulse` is touched by the one streaming thread only
    /// How a stream is going, for whoever watches it.
    struct Pulse: Sendable {
        var newestPicture: ContinuousClock.Instant?
        /// The newest picture waits for its consumer.
        fileprivate(set) var isHeldBack = false
        /// The longest of the last few distances between key pictures.
        var keyInterval: Duration? { keyIntervals.max() }
        fileprivate var keyIntervals: [Duration] = []
        fileprivate var lastKey: MediaTime?
    }

    enum Event: Sendable {
        /// The first picture is in the feed.
        case picture
        case failed(SourceError)
        case ended
    }

    private let isLive: Bool
    private let feed: CaptureFeed
    private let session: Int
    private let onEvent: @Sendable (Event) -> Void
    private let pulse = Mutex(Pulse())

    private var caps: UnsafeMutablePointer<GstCaps>?
    private var format: VideoFormat?
    private var scanner: PictureScanner?
    private var clock: MediaClock
    private var hasStarted = false
    private var isQueued = false

    init(isLive: Bool, feed: CaptureFeed, session: Int, onEvent: @escaping @Sendable (Event) -> Void) {
        self.isLive = isLive
        self.feed = feed
        self.session = session
        self.onEvent = onEvent
        clock = MediaClock(startsAtZero: isLive)
    }

    deinit { if let caps { gst_caps_unref(caps) } }

    var currentPulse: Pulse { pulse.withLock { $0 } }

    /// Starts listening; the sink keeps the tap alive.
    func attach(to sink: UnsafeMutablePointer<GstAppSink>) {
        var callbacks = GstAppSinkCallbacks()
        callbacks.new_sample = { sink, context in
            guard let sink, let context, let sample = gst_app_sink_pull_sample(sink) else { return GST_FLOW_EOS }
            defer { gst_sample_unref(sample) }
            return Unmanaged<Tap>.fromOpaque(context).takeUnretainedValue().receive(sample)
        }
        callbacks.eos = { _, context in
            guard let context else { return }
            Unmanaged<Tap>.fromOpaque(context).takeUnretainedValue().onEvent(.ended)
        }
        gst_app_sink_set_callbacks(sink, &callbacks, Unmanaged.passRetained(self).toOpaque()) {
            if let context = $0 { Unmanaged<Tap>.fromOpaque(context).release() }
        }
    }

    private func receive(_ sample: OpaquePointer) -> GstFlowReturn {
        guard let buffer = gst_sample_get_buffer(sample), let format = currentFormat(of: sample) else {
            onEvent(
                .failed(SourceError(.badPipeline, "The pipeline's tap does not get coded video that videowire knows.")))
            return GST_FLOW_ERROR
        }
        let bytes = Self.bytes(of: buffer)
        var traits = scanner?.scan(bytes) ?? PictureTraits()
        let gap = gap(before: buffer)
        if gap == .corrupt { traits.isKey = false }
        let stamp = timeStamp(of: buffer, in: sample)
        // Time counts from the first picture that is handed on, so that one must have a time stamp.
        guard hasStarted || (traits.isKey && (stamp != nil || !isLive)) else { return GST_FLOW_OK }
        hasStarted = true
        let (pts, isInterpolated) = clock.time(of: stamp, framesPerSecond: format.framesPerSecond)
        note(pts, isKey: traits.isKey)
        let unit = AccessUnit(
            bytes: bytes, pts: pts, isInterpolated: isInterpolated, traits: traits,
            senderUTC: Self.senderUTC(of: buffer),
            arrival: isLive ? .now : nil)
        return deliver(FeedStateMachine.Offer(unit: unit, format: format, gap: gap))
    }

    private func deliver(_ offer: FeedStateMachine.Offer) -> GstFlowReturn {
        pulse.withLock { $0.isHeldBack = true }
        let verdict = feed.offer(offer, session: session)
        pulse.withLock { ($0.isHeldBack, $0.newestPicture) = (false, .now) }
        switch verdict {
        case .queued:
            if !isQueued { onEvent(.picture) }
            isQueued = true
            return GST_FLOW_OK
        case .dropped: return GST_FLOW_OK
        case .full, .closed: return GST_FLOW_FLUSHING
        }
    }

    private func currentFormat(of sample: OpaquePointer) -> VideoFormat? {
        guard let new = gst_sample_get_caps(sample) else { return nil }
        if new != caps {
            if let caps { gst_caps_unref(caps) }
            caps = gst_caps_ref(new)
            let codec = format?.codec
            format = VideoFormat(new)
            if let format, format.codec != codec { scanner = PictureScanner(codec: format.codec) }
        }
        return format
    }

    /// Files mark discontinuities where nothing is missing; what is really broken there, the decoder finds.
    private func gap(before buffer: UnsafeMutablePointer<GstBuffer>) -> GapCause? {
        guard isLive, hasStarted else { return nil }
        if cgst_buffer_has_flag(buffer, GST_BUFFER_FLAG_CORRUPTED) != 0 { return .corrupt }
        return cgst_buffer_has_flag(buffer, GST_BUFFER_FLAG_DISCONT) != 0 ? .network : nil
    }

    /// Files: stream time, where an edit list counts from what it shows first. Live: the pipeline's own time. A time stamp
    /// beyond 146 years is none.
    private func timeStamp(of buffer: UnsafeMutablePointer<GstBuffer>, in sample: OpaquePointer) -> Int64? {
        let pts = buffer.pointee.pts
        guard pts < 1 << 62 else { return nil }
        guard !isLive, let segment = gst_sample_get_segment(sample), segment.pointee.format == GST_FORMAT_TIME else {
            return Int64(pts)
        }
        var time: guint64 = 0
        let sign = gst_segment_to_stream_time_full(segment, GST_FORMAT_TIME, pts, &time)
        return sign == 0 || time >= 1 << 62 ? nil : Int64(time) * Int64(sign)
    }

    private func note(_ pts: MediaTime, isKey: Bool) {
        pulse.withLock { pulse in
            pulse.newestPicture = .now
            guard isKey else { return }
            if let last = pulse.lastKey, pts > last {
                pulse.keyIntervals.append(.seconds((pts - last).seconds))
                if pulse.keyIntervals.count > 8 { pulse.keyIntervals.removeFirst() }
            }
            pulse.lastKey = pts
        }
    }

    private static func bytes(of buffer: UnsafeMutablePointer<GstBuffer>) -> [UInt8] {
        let size = gst_buffer_get_size(buffer)
        return [UInt8](unsafeUninitializedCapacity: Int(size)) { bytes, count in
            count = Int(gst_buffer_extract(buffer, 0, bytes.baseAddress, size))
        }
    }

    /// The sender's wall clock, which rtspsrc works out from RTCP sender reports (RFC 3550 §6.4.1).
    private static func senderUTC(of buffer: UnsafeMutablePointer<GstBuffer>) -> UTC? {
        guard let meta = gst_buffer_get_reference_timestamp_meta(buffer, ntpCaps.pointer) else { return nil }
        // NTP counts from 1900.
        return UTC(nanoseconds: Int64(clamping: meta.pointee.timestamp) - 2_208_988_800 * 1_000_000_000)
    }

    private static let ntpCaps = StaticCaps("timestamp/x-ntp")

    private struct StaticCaps: @unchecked Sendable {  // made once, never changed, never freed
        let pointer: UnsafeMutablePointer<GstCaps>?
        init(_ text: String) { pointer = gst_caps_from_string(text) }
    }
}

extension UTC {
    /// The system's time.
    static var now: UTC {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UTC(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
