internal import CGStreamer
internal import Media
internal import Synchronization

/// One opening of a source: its pipeline, with the tap that pours a session into the feed.
final class CapturePipeline: Sendable {
    private let source: SourceLocation
    private let fileSilence: Duration
    private let onEvent: @Sendable (Tap.Event) -> Void
    private let pipeline: Pipeline
    private let tap: Tap

    /// Makes the pipeline; `play` opens the source. `onEvent` is called on GStreamer's threads; it must neither block nor close
    /// the pipeline.
    /// - Throws: what can be seen before anything is read; everything else comes as an event.
    init(
        _ source: SourceLocation, options: CaptureOptions, feed: CaptureFeed, session: Int,
        onEvent: @escaping @Sendable (Tap.Event) -> Void
    ) throws(SourceError) {
        self.source = source
        fileSilence = options.fileSilence
        self.onEvent = onEvent
        Secrets.keep(of: source)
        try source.check()
        let name = source.template
        let template = try PipelineTemplate(name, directory: options.pipelineDirectory)
        try GStreamer.require(name.elements)
        let text = try template.filled(with: source.values(options))
        pipeline = try Pipeline(parsing: text, name: template.name)
        tap = Tap(isLive: source.isLive, feed: feed, session: session, onEvent: onEvent)
        try attachTap(templateName: template.name)
        pipeline.onError { onEvent(.failed(source.error($0.pointee, cause: $1))) }
        attachSource(source, feed: feed, onEvent: onEvent)
    }

    var pulse: Tap.Pulse { tap.currentPulse }

    /// Opens the source. Blocks at times; failures come as events.
    func play() {
        pipeline.play()
        if case .file(let path) = source { watch(path) }
    }

    /// Damaged files can lose their error, or send a demuxer round in circles. An end that was told before makes this void.
    private func watch(_ path: String) {
        let start = ContinuousClock.now
        pipeline.onStandstill(orSilence: { [tap, fileSilence] in
            let pulse = tap.currentPulse
            return !pulse.isHeldBack && .now - (pulse.newestPicture ?? start) > fileSilence
        }) { [onEvent] in
            onEvent(.failed(SourceError(.broken, "Reading \(path) broke off without a word. The file may be damaged.")))
        }
    }

    /// Blocks until the pipeline has stopped, at times for long. The feed's session must have been ended before.
    func close() { pipeline.stop() }

    private func attachTap(templateName: String) throws(SourceError) {
        let isAttached = pipeline.withElement("tap") { element in
            guard let sink = cgst_as_app_sink(element) else { return false }
            // Otherwise the pipeline, and the streams that are thrown away, would wait for a first video picture.
            cgst_set_bool(element, "async", 0)
            tap.attach(to: sink)
            return true
        }
        guard isAttached == true else {
            throw SourceError(.badPipeline, "Pipeline \(templateName): it must end in \"appsink name=tap\".")
        }
    }

    private func attachSource(
        _ source: SourceLocation, feed: CaptureFeed, onEvent: @escaping @Sendable (Tap.Event) -> Void
    ) {
        _ = pipeline.withElement("source") { element in
            if case .rtsp(let address) = source {
                if let user = address.user {
                    cgst_set_string(element, "user-id", user)
                    // Without a password GStreamer would not log in at all.
                    cgst_set_string(element, "user-pw", address.password ?? "")
                }
            }
            StreamLinker.attach(
                to: element, in: pipeline.element, name: "\(source)", onFailure: { onEvent(.failed($0)) },
                onOtherStream: { feed.note(otherStreamFrom: MediaTime(nanoseconds: $0)) })
        }
        _ = pipeline.withElement("painter") { element in
            if let painter = cgst_as_app_src(element) { TestPicture().attach(to: painter) }
        }
    }
}

extension SourceLocation {
    fileprivate var template: PipelineTemplate.Name {
        switch self {
        case .file: .file
        case .rtsp: .rtsp
        case .testPicture: .testPicture
        }
    }

    fileprivate func values(_ options: CaptureOptions) -> [String: String] {
        switch self {
        case .file(let path): ["location": path]
        case .rtsp(let address): ["location": address.location, "transport": options.transport.rawValue]
        case .testPicture: [:]
        }
    }

    /// What an error of the pipeline means for who named the source.
    fileprivate func error(_ error: GError, cause: String) -> SourceError {
        var text = error.message.map { String(cString: $0) } ?? "unknown error"
        if text.last == "." { text.removeLast() }
        if !cause.isEmpty { text += " (\(cause))" }
        switch self {
        case .file(let path):
            return Self.fileError(error, text, path)
        case .rtsp(let address):
            return Self.cameraError(error, Secrets.masked(text), address)
        case .testPicture:
            return SourceError(.broken, "The test picture broke off: \(text).")
        }
    }

    private static func fileError(_ error: GError, _ text: String, _ path: String) -> SourceError {
        withUnsafePointer(to: error) { error in
            let notVideo = [GST_STREAM_ERROR_TYPE_NOT_FOUND, GST_STREAM_ERROR_WRONG_TYPE]
            if notVideo.contains(where: { cgst_error_is_stream(error, $0) != 0 }) {
                return SourceError(.notVideo, "\(path) is not a video file: \(text). Name a video.")
            }
            if cgst_error_is_stream(error, GST_STREAM_ERROR_CODEC_NOT_FOUND) != 0 {
                return SourceError(
                    .notVideo,
                    "\(path) needs a GStreamer plugin that is not installed: \(text). "
                        + "Try: apt install gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly.")
            }
            return SourceError(.broken, "Reading \(path) broke off: \(text). The file may be damaged.")
        }
    }

    private static func cameraError(_ error: GError, _ text: String, _ address: RTSPAddress) -> SourceError {
        withUnsafePointer(to: error) { error in
            if cgst_error_is_resource(error, GST_RESOURCE_ERROR_NOT_AUTHORIZED) != 0 {
                return SourceError(.unauthorized, "auth: \(address) refused user or password. Check them.")
            }
            if cgst_error_is_resource(error, GST_RESOURCE_ERROR_NOT_FOUND) != 0 {
                return SourceError(.connection, "\(address): the camera has no such stream. Check the path.")
            }
            if cgst_error_is_resource(error, GST_RESOURCE_ERROR_OPEN_READ_WRITE) != 0 {
                return SourceError(.connection, "\(address): no connection. Check host name, port and network.")
            }
            if text.hasPrefix("No supported stream") {
                return SourceError(.connection, "\(address) has no video stream in a codec that videowire knows.")
            }
            return SourceError(.connection, "\(address): \(text)")
        }
    }
}
