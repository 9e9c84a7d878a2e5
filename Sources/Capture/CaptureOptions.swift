/// How to capture; the defaults suit cameras in a local network.
public struct CaptureOptions: Sendable, Hashable {
    public enum Transport: String, Sendable, Hashable, CaseIterable {
        case tcp, udp
    }

    /// How RTP travels from a camera.
    public var transport: Transport
    /// Pipelines (`file.gst`, `rtsp.gst`, …) in this folder take the place of those built in.
    public var pipelineDirectory: String?
    /// No picture for this long and a live source is taken for dead; nil: three key-frame intervals, at least 5 s.
    public var stallTimeout: Duration?
    /// A file that is read for this long without a picture, while the consumer would take one, is given up.
    public var fileSilence: Duration
    /// Limits of the queue before the consumer, whichever comes first. A file waits there; a live source loses
    /// pictures.
    public var maximumQueuedUnits: Int
    public var maximumQueuedBytes: Int
    public var maximumQueuedSeconds: Double
    public var reconnect: ReconnectPolicy

    public init(
        transport: Transport = .tcp, pipelineDirectory: String? = nil, stallTimeout: Duration? = nil,
        fileSilence: Duration = .seconds(20),
        maximumQueuedUnits: Int = 512, maximumQueuedBytes: Int = 64 << 20, maximumQueuedSeconds: Double = 8,
        reconnect: ReconnectPolicy = ReconnectPolicy()
    ) {
        self.transport = transport
        self.pipelineDirectory = pipelineDirectory
        self.stallTimeout = stallTimeout
        self.fileSilence = fileSilence
        self.maximumQueuedUnits = maximumQueuedUnits
        self.maximumQueuedBytes = maximumQueuedBytes
        self.maximumQueuedSeconds = maximumQueuedSeconds
        self.reconnect = reconnect
    }
}

/// When a live source that failed is tried again. There is no last try.
public struct ReconnectPolicy: Sendable, Hashable {
    /// Wait after the first failure; doubles with each further one.
    public var firstDelay: Duration
    public var maximumDelay: Duration
    /// Waits vary by this share, so that cameras behind one switch do not all come back at once.
    public var jitter: Double
    /// Wait after a refused login; long, because cameras lock accounts.
    public var unauthorizedDelay: Duration
    /// Good pictures for this long make the next failure a first one.
    public var resetAfter: Duration
    /// A connection has this long to give its first picture.
    public var connectTimeout: Duration

    public init(
        firstDelay: Duration = .milliseconds(250), maximumDelay: Duration = .seconds(30), jitter: Double = 0.25,
        unauthorizedDelay: Duration = .seconds(60), resetAfter: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(10)
    ) {
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
        self.jitter = jitter
        self.unauthorizedDelay = unauthorizedDelay
        self.resetAfter = resetAfter
        self.connectTimeout = connectTimeout
    }

    /// The wait after so many failures in a row (1 for the first); `random` is in -1 ... 1.
    func delay(afterFailures failures: Int, random: Double) -> Duration {
        var delay = firstDelay
        for _ in 1..<max(failures, 1) where delay < maximumDelay { delay = delay * 2 }
        return min(delay, maximumDelay) * (1 + jitter * random)
    }
}
