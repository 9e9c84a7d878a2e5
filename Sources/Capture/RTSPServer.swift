internal import CGStreamer
internal import Synchronization

/// GStreamer's RTSP server with one mount, `/cam`, on a thread and main context of its own.
final class RTSPServer: @unchecked Sendable {  // pointers never change; the server is thread-safe
    let port: UInt16
    private let server: UnsafeMutablePointer<GstRTSPServer>
    private let context: OpaquePointer
    private let loop: OpaquePointer
    private let listener: UnsafeMutablePointer<GSource>
    private let isRunning = Monitor(true)
    private let isStopped = Mutex(false)
    private let feeders: Feeders

    /// Serves on 127.0.0.1. `launch` is a pipeline with `appsrc name=feed` and a payloader `pay0`; each media (one
    /// for each client, or one for all) gets its own feeder.
    init(
        launch: String, isShared: Bool, port: UInt16, login: TestCamera.Login?,
        makeFeeder: @escaping @Sendable () -> CameraFeeder
    ) throws(SourceError) {
        guard let server = gst_rtsp_server_new(), let context = g_main_context_new() else {
            throw SourceError(.connection, "Cannot make an RTSP server.")
        }
        gst_rtsp_server_set_address(server, "127.0.0.1")
        gst_rtsp_server_set_service(server, "\(port)")
        feeders = Feeders(makeFeeder)
        Self.mount(launch, isShared: isShared, feeders: feeders, on: server)
        if let login { cgst_require_login(server, login.user, login.password, login.isDigest ? 1 : 0) }
        var error: UnsafeMutablePointer<GError>?
        guard let listener = gst_rtsp_server_create_source(server, nil, &error) else {
            let why = GStreamer.takeMessage(of: &error) ?? "unknown reason"
            g_main_context_unref(context)
            g_object_unref(server)
            throw SourceError(.connection, "Cannot serve on 127.0.0.1:\(port): \(why). Choose another port.")
        }
        g_source_attach(listener, context)
        self.server = server
        self.context = context
        self.listener = listener
        loop = g_main_loop_new(context, 0)
        self.port = UInt16(clamping: gst_rtsp_server_get_bound_port(server))
        run()
    }

    deinit {
        g_main_loop_unref(loop)
        g_main_context_unref(context)
        g_object_unref(server)
    }

    /// Ends all sessions and frees the port; returns when the thread has ended.
    func stop() {
        guard
            isStopped.withLock({ isStopped in
                defer { isStopped = true }
                return !isStopped
            })
        else { return }
        g_source_destroy(listener)
        // The last reference closes the socket.
        g_source_unref(listener)
        feeders.stop()
        _ = gst_rtsp_server_client_filter(server, { _, _, _ in GST_RTSP_FILTER_REMOVE }, nil)
        cgst_quit_when_running(loop)
        isRunning.wait { $0 ? nil : () }
    }

    private func run() {
        nonisolated(unsafe) let loop = g_main_loop_ref(loop)
        nonisolated(unsafe) let context = g_main_context_ref(context)
        let isRunning = isRunning
        detachThread {
            g_main_context_push_thread_default(context)
            g_main_loop_run(loop)
            g_main_context_pop_thread_default(context)
            g_main_loop_unref(loop)
            g_main_context_unref(context)
            isRunning.withLock { $0 = false }
        }
    }

    private static func mount(
        _ launch: String, isShared: Bool, feeders: Feeders, on server: UnsafeMutablePointer<GstRTSPServer>
    ) {
        guard let factory = gst_rtsp_media_factory_new(), let mounts = gst_rtsp_server_get_mount_points(server) else {
            return
        }
        gst_rtsp_media_factory_set_launch(factory, launch)
        gst_rtsp_media_factory_set_shared(factory, isShared ? 1 : 0)
        cgst_admit_viewers(factory)
        cgst_on_media_configure(
            factory,
            { _, media, context in
                guard let media, let context else { return }
                Unmanaged<Feeders>.fromOpaque(context).takeUnretainedValue().feed(media)
            }, Unmanaged.passRetained(feeders).toOpaque(),
            { context in if let context { Unmanaged<Feeders>.fromOpaque(context).release() } })
        gst_rtsp_mount_points_add_factory(mounts, "/cam", factory)
        g_object_unref(mounts)
    }
}

/// The feeders of the media that a server has made.
private final class Feeders: Sendable {
    private let make: @Sendable () -> CameraFeeder
    private let started = Mutex<[CameraFeeder]>([])

    init(_ make: @escaping @Sendable () -> CameraFeeder) {
        self.make = make
    }

    func feed(_ media: UnsafeMutablePointer<GstRTSPMedia>) {
        guard let element = gst_rtsp_media_get_element(media) else { return }
        defer { gst_object_unref(element) }
        guard let bin = cgst_as_bin(element), let found = gst_bin_get_by_name(bin, "feed") else { return }
        guard let feed = cgst_as_app_src(found) else { return gst_object_unref(found) }
        let feeder = make()
        if !feeder.isRealTime, let payloader = gst_bin_get_by_name(bin, "pay0") {
            cgst_send_untimed(payloader)
            gst_object_unref(payloader)
        }
        started.withLock { started in
            started.removeAll(where: \.isOver)
            started.append(feeder)
        }
        feeder.start(into: feed)
    }

    func stop() {
        for feeder in started.withLock({ $0 }) { feeder.stop() }
    }
}
